use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;

use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::store::{Store, StoreError};
use crate::token::SessionId;

/// What goes wrong with a call to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It fails and changes nothing.
    Fail,
    /// It changes nothing, but the caller can't know: the error says that the outcome is unknown.
    LoseRequest,
    /// It does its work, but the answer is lost: the error says that the outcome is unknown.
    LoseAnswer,
    /// It takes this much longer.
    Delay(Duration),
    /// It never answers.
    Hang,
}

/// A call to a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// [`Store::load`].
    Load,
    /// [`Store::commit`].
    Commit,
    /// [`Store::destroy`].
    Destroy,
    /// [`Store::find`].
    Find,
    /// [`Store::sweep`].
    Sweep,
}

/// A store that writes down its calls and lets some go wrong, by their number. Clones are the same store.
pub struct FaultyStore {
    inner: Arc<dyn Store>,
    script: Arc<Mutex<Script>>,
}

#[derive(Default)]
struct Script {
    calls: Vec<Operation>,
    faults: HashMap<usize, Fault>,
}

impl FaultyStore {
    /// The given store, for now without faults.
    pub fn new(inner: impl Store) -> Self {
        Self { inner: Arc::new(inner), script: Arc::default() }
    }

    /// Lets the `n`-th call from now (the next is the first) go wrong.
    pub fn inject(&self, n: usize, fault: Fault) {
        let mut script = self.script();
        let call = script.calls.len() + n;
        script.faults.insert(call, fault);
    }

    /// The calls since the last [`forget`](Self::forget), in order.
    pub fn calls(&self) -> Vec<Operation> {
        self.script().calls.clone()
    }

    /// Forgets all calls and faults.
    pub fn forget(&self) {
        *self.script() = Script::default();
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn perform<T>(
        &self,
        operation: Operation,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut script = self.script();
            script.calls.push(operation);
            let call = script.calls.len();
            script.faults.remove(&call)
        };
        let error = || StoreError::new("FaultyStore", "answer", format!("{operation:?} was made to fail"));
        match fault {
            None => work.await,
            Some(Fault::Fail) => Err(error()),
            Some(Fault::LoseRequest) => Err(error().with_outcome_unknown()),
            Some(Fault::LoseAnswer) => work.await.and_then(|_| Err(error().with_outcome_unknown())),
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                work.await
            }
            Some(Fault::Hang) => std::future::pending().await,
        }
    }
}

impl Clone for FaultyStore {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), script: Arc::clone(&self.script) }
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("calls", &self.calls()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Store for FaultyStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        self.perform(Operation::Load, self.inner.load(id, select, now)).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        self.perform(Operation::Commit, self.inner.commit(id, changes, now)).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        self.perform(Operation::Destroy, self.inner.destroy(id, guard, now)).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.perform(Operation::Find, self.inner.find(index, value, now)).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.perform(Operation::Sweep, self.inner.sweep(limit, now)).await
    }

    fn needs_sweeping(&self) -> bool {
        self.inner.needs_sweeping()
    }

    fn uses_process_clock(&self) -> bool {
        self.inner.uses_process_clock()
    }
}
