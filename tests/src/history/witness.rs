//! A store that remembers whose answers were lost, and takes its time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use session_runtime::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use session_runtime::{SessionId, Store, StoreError, async_trait};

tokio::task_local! {
    static LOST: Arc<AtomicBool>;
}

/// Does the work, and says whether the store was left in doubt about any change in it.
pub(super) async fn watch<T>(lost: Arc<AtomicBool>, work: impl Future<Output = T>) -> T {
    LOST.scope(lost, work).await
}

/// Another store, whose lost answers are noted for the call that was waiting for them. Others have their turn before each
/// answer arrives, as with a store that is far away.
#[derive(Debug)]
pub struct Witness<S>(pub S);

async fn note<T>(answer: Result<T, StoreError>) -> Result<T, StoreError> {
    tokio::task::yield_now().await;
    if answer.as_ref().is_err_and(StoreError::is_outcome_unknown) {
        // Whoever is not watched, such as a sweeper, does not ask.
        let _ = LOST.try_with(|lost| lost.store(true, Ordering::Relaxed));
    }
    answer
}

#[async_trait]
impl<S: Store> Store for Witness<S> {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        note(self.0.load(id, select, now).await).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        note(self.0.commit(id, changes, now).await).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        note(self.0.destroy(id, guard, now).await).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.0.find(index, value, now).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.0.sweep(limit, now).await
    }

    fn needs_sweeping(&self) -> bool {
        self.0.needs_sweeping()
    }
}
