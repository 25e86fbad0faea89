//! Deleting what has expired.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

use super::Shared;
use crate::error::Result;
use crate::event::SessionEvent;
use crate::record::Expired;

/// How many sessions are deleted at a time, so that nobody waits long for the store.
const BATCH: usize = 500;

/// A task that sweeps every so often.
///
/// It goes on when this is dropped; [`stop`](Self::stop) ends it.
#[derive(Debug)]
pub struct SweeperHandle(JoinHandle<()>);

impl SweeperHandle {
    /// Ends the task, and waits until it has ended.
    pub async fn stop(self) {
        self.0.abort();
        // The only error is that it was aborted.
        let _ = self.0.await;
    }
}

pub(super) async fn sweep(shared: &Shared) -> Result<usize> {
    let mut swept = 0;
    loop {
        let batch = shared.store.sweep(BATCH, shared.clock.for_store()).await?;
        swept += batch.len();
        for Expired { id, deadline } in &batch {
            shared.report(SessionEvent::Expired { session: *id, deadline: *deadline });
        }
        if batch.len() < BATCH {
            return Ok(swept);
        }
    }
}

pub(super) fn spawn(shared: &Arc<Shared>, every: Duration) -> SweeperHandle {
    SweeperHandle(tokio::spawn(run(Arc::downgrade(shared), every)))
}

async fn run(shared: Weak<Shared>, every: Duration) {
    let mut ticks = tokio::time::interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(shared) = shared.upgrade() else { return };
        match sweep(&shared).await {
            Ok(0) => {}
            Ok(swept) => tracing::debug!(swept, "expired sessions deleted"),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the sweep failed; it will be tried again")
            }
        }
    }
}
