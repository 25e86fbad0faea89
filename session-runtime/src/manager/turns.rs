//! Queues, so that updates of one field from one process wait for each other instead of fighting, and hand on what they leave.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasherDefault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::UPDATE_DEADLINE;
use crate::session::Handover;
use crate::token::{IdHasher, SecretHash};

/// The places where it is somebody's turn.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    queues: Mutex<Queues>,
}

type Queues = HashMap<Place, Queue, BuildHasherDefault<IdHasher>>;

/// Where a line is. Two that have the same by chance wait for each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place(u64);

impl Place {
    /// Of those who hold this secret and change this field: a few bytes of the hash, which others can't choose to be those of a
    /// stranger's.
    pub(crate) fn of_holders(secret: &SecretHash, field: &str) -> Self {
        let [first, ..] = secret.words();
        Self::new(first, field)
    }

    /// Of those who set this field to the value with this text.
    pub(crate) fn of_value(text: &str, field: &str) -> Self {
        let mut first = [0; 8];
        first.copy_from_slice(&Sha256::digest(text)[..8]);
        Self::new(u64::from_ne_bytes(first), field)
    }

    fn new(whose: u64, field: &str) -> Self {
        Self(field.bytes().fold(whose, |place, byte| place.rotate_left(5) ^ u64::from(byte)))
    }
}

#[derive(Debug)]
struct Queue {
    /// Whether whoever came first is still at it.
    first: bool,
    /// Where all others wait; made when there is one. It has a permit once the first has done.
    others: Option<Arc<Semaphore>>,
    /// What the last of them has left for the next.
    handover: Option<Handover>,
}

/// Somebody's turn; the next one's begins when it is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    turns: Arc<Turns>,
    place: Place,
    /// `None` for whoever came first.
    waited: Option<Waited>,
}

#[derive(Debug)]
struct Waited {
    others: Arc<Semaphore>,
    /// `None` before it is its turn, and where it has waited too long.
    permit: Option<OwnedSemaphorePermit>,
}

impl Turns {
    /// Waits for the turn in this line. Whoever waits too long goes ahead: correctness is the compare-and-swap's, this only saves
    /// tries.
    pub(crate) async fn wait(self: &Arc<Self>, place: Place) -> Turn {
        // Made before waiting: a waiter that is dropped leaves the queue tidy too.
        let mut turn = Turn { turns: Arc::clone(self), place, waited: self.line_up(place) };
        if let Some(waited) = &mut turn.waited {
            waited.wait().await;
        }
        turn
    }

    /// `None` for whoever comes first.
    fn line_up(&self, place: Place) -> Option<Waited> {
        match self.queues().entry(place) {
            Entry::Vacant(vacant) => {
                vacant.insert(Queue { first: true, others: None, handover: None });
                None
            }
            Entry::Occupied(mut queue) => {
                let others = queue.get_mut().others.get_or_insert_with(|| Arc::new(Semaphore::new(0)));
                Some(Waited { others: Arc::clone(others), permit: None })
            }
        }
    }

    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Turn {
    /// Takes what the one before has left, if this one has waited for it.
    pub(crate) fn take_handover(&self) -> Option<Handover> {
        if !self.is_after_another() {
            return None;
        }
        self.turns.queues().get_mut(&self.place)?.handover.take()
    }

    /// Leaves it to the next, if there is likely to be one: where this one has waited too.
    pub(crate) fn hand_over(&self, make: impl FnOnce() -> Option<Handover>) {
        if !self.is_after_another() {
            return;
        }
        let handover = make();
        if let Some(queue) = self.turns.queues().get_mut(&self.place) {
            queue.handover = handover;
        }
    }

    /// Whether it has waited for another's end, and not only for long enough.
    fn is_after_another(&self) -> bool {
        self.waited.as_ref().is_some_and(|waited| waited.permit.is_some())
    }
}

impl Waited {
    async fn wait(&mut self) {
        let turn = Arc::clone(&self.others).acquire_owned();
        self.permit = tokio::time::timeout(UPDATE_DEADLINE, turn).await.ok().and_then(Result::ok);
    }
}

impl Queue {
    fn first_is_done(&mut self) {
        self.first = false;
        if let Some(others) = &self.others {
            others.add_permits(1);
        }
    }

    /// Others get hold of the queue only under its map's lock: if the map alone has it, nobody waits.
    fn is_empty(&self) -> bool {
        !self.first && self.others.as_ref().is_none_or(|others| Arc::strong_count(others) == 1)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queues = self.turns.queues();
        let Some(queue) = queues.get_mut(&self.place) else { return };
        match self.waited.take() {
            None => queue.first_is_done(),
            // Its permit goes to the next.
            Some(waited) => drop(waited),
        }
        if queue.is_empty() {
            queues.remove(&self.place);
        }
    }
}
