//! A store around whose calls something happens.

use std::time::SystemTime;

use session_runtime::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use session_runtime::store::ImmediateStore;
use session_runtime::{SessionId, Store, StoreError, async_trait};

use crate::TestStore;

/// What happens: nothing, unless it is said.
#[async_trait]
pub trait Happens: Send + Sync + 'static {
    /// Whether nothing happens around commits: then the store is asked without a future, if it can be.
    const LEAVES_COMMITS: bool = false;

    /// Before a session is loaded.
    async fn before_load(&self) {}

    /// After a commit; gives what is answered.
    async fn after_commit(
        &self,
        _changes: &ChangeSet,
        answer: Result<Outcome, StoreError>,
    ) -> Result<Outcome, StoreError> {
        answer
    }

    /// Before a session is destroyed.
    async fn before_destroy(&self) {}

    /// Before an index is asked.
    async fn before_find(&self) {}
}

/// A store, and what happens around its calls.
#[allow(missing_debug_implementations, reason = "stores have none")]
pub struct Around<H> {
    inner: TestStore,
    happens: H,
}

impl<H: Happens> Around<H> {
    /// Has it happen around the calls of this store.
    pub fn new(inner: TestStore, happens: H) -> Self {
        Self { inner, happens }
    }
}

#[async_trait]
impl<H: Happens> Store for Around<H> {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        self.happens.before_load().await;
        self.inner.load(id, select, now).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let answer = self.inner.commit(id, changes, now).await;
        self.happens.after_commit(changes, answer).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        self.happens.before_destroy().await;
        self.inner.destroy(id, guard, now).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.happens.before_find().await;
        self.inner.find(index, value, now).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.inner.sweep(limit, now).await
    }

    fn immediate(&self) -> Option<&dyn ImmediateStore> {
        self.inner.immediate().filter(|_| H::LEAVES_COMMITS)
    }
}
