//! Deleting what has expired.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::Shared;
use crate::error::Result;
use crate::event::SessionEvent;
use crate::record::Expired;

/// How many sessions are deleted at a time, so that nobody waits long for the store.
const BATCH: usize = 500;

/// How long a store may take to end what it is at.
const PATIENCE: Duration = Duration::from_secs(10);

/// A task that sweeps every so often.
///
/// It goes on when this is dropped; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct SweeperHandle {
    task: JoinHandle<()>,
    stop: Arc<Stop>,
}

/// What the task is told.
#[derive(Debug, Default)]
struct Stop {
    is_asked: AtomicBool,
    asked: Notify,
}

impl SweeperHandle {
    /// Ends the task, and waits until it has ended: what it is deleting at this moment is told of first. A store that takes
    /// longer than 10 seconds is not waited for.
    pub async fn stop(mut self) {
        self.stop.is_asked.store(true, Ordering::Relaxed);
        self.stop.asked.notify_one();
        if timeout(PATIENCE, &mut self.task).await.is_err() {
            self.task.abort();
        }
    }
}

pub(super) async fn sweep(shared: &Shared) -> Result<usize> {
    sweep_while(shared, || true).await
}

async fn sweep_while(shared: &Shared, goes_on: impl Fn() -> bool) -> Result<usize> {
    let mut swept = 0;
    loop {
        let batch = shared.store.sweep(BATCH, shared.clock.for_store()).await?;
        swept += batch.len();
        for Expired { id, deadline } in &batch {
            shared.report(SessionEvent::Expired { session: *id, deadline: *deadline });
        }
        if batch.len() < BATCH || !goes_on() {
            return Ok(swept);
        }
    }
}

pub(super) fn spawn(shared: &Arc<Shared>, every: Duration) -> SweeperHandle {
    let stop = Arc::new(Stop::default());
    let task = tokio::spawn(run(Arc::downgrade(shared), every, Arc::clone(&stop)));
    SweeperHandle { task, stop }
}

async fn run(shared: Weak<Shared>, every: Duration, stop: Arc<Stop>) {
    loop {
        let Some(shared) = shared.upgrade() else { return };
        match sweep_while(&shared, || !stop.is_asked.load(Ordering::Relaxed)).await {
            Ok(0) => {}
            Ok(swept) => tracing::debug!(swept, "expired sessions deleted"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the sweep failed; it will be tried again")
            }
        }
        drop(shared);
        if timeout(every.max(Duration::from_millis(1)), stop.asked.notified()).await.is_ok() {
            return;
        }
    }
}
