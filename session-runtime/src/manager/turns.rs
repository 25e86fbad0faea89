//! Queues, so that updates of one field from one process wait for each other instead of fighting.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;

use crate::error::UPDATE_DEADLINE;
use crate::token::SecretHash;

type Place = ([u8; 32], &'static str);

/// The queues that somebody waits in, by the hash of their secret and field.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    queues: Mutex<HashMap<Place, Arc<tokio::sync::Mutex<()>>>>,
}

/// Somebody's turn; the next one's begins when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    place: Place,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for the turn to update this field, among those who hold this secret. Whoever waits too long goes ahead:
    /// correctness is the compare-and-swap's, this only saves tries.
    pub(crate) async fn wait(self: &Arc<Self>, holder: Option<SecretHash>, field: &'static str) -> Option<Turn> {
        let place = (*holder?.as_bytes(), field);
        let queue = Arc::clone(self.queues().entry(place).or_default());
        // Made before waiting: a waiter that is dropped leaves the queue tidy too.
        let mut turn = Turn { turns: Arc::clone(self), place, guard: None };
        turn.guard = match Arc::clone(&queue).try_lock_owned() {
            Ok(guard) => Some(guard),
            // Only now is there something to wait for, and a timer needed.
            Err(_) => tokio::time::timeout(UPDATE_DEADLINE, queue.lock_owned()).await.ok(),
        };
        Some(turn)
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<Place, Arc<tokio::sync::Mutex<()>>>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.guard.take());
        let mut queues = self.turns.queues();
        // Others get hold of a queue only under this lock: if the map alone has it, nobody waits.
        if queues.get(&self.place).is_some_and(|queue| Arc::strong_count(queue) == 1) {
            queues.remove(&self.place);
        }
    }
}
