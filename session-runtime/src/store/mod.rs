//! Where sessions are kept: the [`Store`] trait, its errors, and the stores that come with this crate.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;

use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

pub mod apply;
mod memory;
#[cfg(feature = "mysql")]
mod mysql;
#[cfg(feature = "opendal")]
#[clippy::msrv = "1.91"] // what OpenDAL needs
mod object;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "redis")]
mod redis;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
mod sql;
#[cfg(feature = "sqlite")]
mod sqlite;

#[cfg(feature = "redis")]
pub use self::redis::{RedisStore, SentinelConnection};
pub use memory::MemoryStore;
#[cfg(feature = "mysql")]
pub use mysql::MySqlStore;
#[cfg(feature = "opendal")]
pub use object::ObjectStore;
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use sql::names::{TableNameError, TableNames};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;

/// Where sessions are kept.
///
/// A store guarantees, for any number of tasks and processes:
///
/// - **Atomic commits.** A change set is applied whole or not at all, and no reader sees a part of it. That holds too when
///   the caller's future is dropped at any await.
/// - **The guard.** A change set with a guard is applied only if, at that same moment, the session lives and
///   [`Meta::admits`](crate::record::Meta::admits) answers `Open`. A session that was destroyed or has expired never comes
///   back, whatever was under way.
/// - **Compare-and-swap.** A change set is applied only if every field in `expect` has, at that same moment, the revision
///   given. An absent, expired or removed field has none.
/// - **Independent fields.** Commits to different fields never overwrite each other.
/// - **Recognition.** A change set whose own write is already there answers `Applied` and changes nothing, so that one whose
///   answer was lost may be asked again: its new record, its new secret, or, where its guard still holds, a field with its
///   revision, or one of the last [`REMEMBERED_WRITES`](crate::record::REMEMBERED_WRITES) to that field that were overwritten
///   since. Else what others have built on it would be lost.
/// - **No late births.** Where an operation that was given up can arrive after another that was asked later, as over another
///   connection, a session that was destroyed can't be created again for a minute.
/// - **Exact expiry.** From its deadline on a session is absent, and so is a field from its expiry on, swept or not.
/// - **Acknowledged is kept.** What was answered `Applied` or `Destroyed` stays so, as far as the store's documented
///   durability goes.
///
/// Each call may be told the time; without it the store's own clock decides. Times are kept to the microsecond at least. `testing`
/// (a feature of this crate) has a suite with one test per guarantee, to be run on any implementation; but for late births, which
/// take a connection that is late, as over a server of the implementation's own. [`apply`] has the rules as
/// functions, for stores that hold a record as one value.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// The live session with this ID and those of its fields that are selected, in one trip; `None` if there is none.
    ///
    /// Proves nothing: the caller compares the secret.
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError>;

    /// Applies the change set to the session with this ID, whole or not at all.
    ///
    /// # Errors
    /// Unless it is certain that nothing was changed, the error must be one
    /// [`with_outcome_unknown`](StoreError::with_outcome_unknown): a connection that broke, an answer that did not come in time.
    /// Then the very same change set is asked again, and recognised if it was applied; otherwise it would be made a second time.
    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError>;

    /// Ends the session with this ID for ever, if the guard holds.
    ///
    /// # Errors
    /// As [`commit`](Self::commit).
    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError>;

    /// The sessions that are entered in this index under this value. May name some that have ended; misses none that lives, and
    /// names none that only a refused change would have entered.
    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError>;

    /// Deletes at most `limit` expired sessions and names them: each once, whoever sweeps. Fewer than `limit` means that there
    /// are no more.
    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError>;

    /// Whether expired sessions take up room until they are swept. `false` for a store that lets them expire by itself, whose
    /// `sweep` has nothing to delete; the conformance suite asks.
    fn needs_sweeping(&self) -> bool {
        true
    }

    /// This store, if none of its calls ever waits for anything: it is asked without a future then, [`load`](Self::load) and
    /// [`commit`](Self::commit) are not. A store that does anything around another one's calls must not pass this on.
    fn immediate(&self) -> Option<&dyn ImmediateStore> {
        None
    }

    /// Whether the store's own clock is the one of this process. Only another one's time must be carried on here between two
    /// answers of the store.
    fn uses_process_clock(&self) -> bool {
        false
    }
}

/// A [`Store`] that answers at once.
pub trait ImmediateStore {
    /// What [`Store::load`] answers.
    fn load_now(&self, id: SessionId, select: &[Select], now: Option<SystemTime>)
    -> Result<Option<Record>, StoreError>;

    /// What [`Store::commit`] answers.
    fn commit_now(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError>;
}

#[async_trait]
impl<S: Store + ?Sized> Store for Arc<S> {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        (**self).load(id, select, now).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        (**self).commit(id, changes, now).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        (**self).destroy(id, guard, now).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        (**self).find(index, value, now).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        (**self).sweep(limit, now).await
    }

    fn needs_sweeping(&self) -> bool {
        (**self).needs_sweeping()
    }

    fn immediate(&self) -> Option<&dyn ImmediateStore> {
        (**self).immediate()
    }

    fn uses_process_clock(&self) -> bool {
        (**self).uses_process_clock()
    }
}

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub struct StoreError(Box<Failure>);

/// Elsewhere: the answer of every call would be as large as this.
#[derive(Debug)]
struct Failure {
    store: &'static str,
    operation: &'static str,
    outcome_unknown: bool,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl StoreError {
    /// An error of `store` ("SqliteStore") in `operation` ("commit"), after which nothing was changed.
    pub fn new(
        store: &'static str,
        operation: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self(Box::new(Failure { store, operation, outcome_unknown: false, source: source.into() }))
    }

    /// The same error, when the change may have been applied all the same: its answer was lost.
    pub fn with_outcome_unknown(mut self) -> Self {
        self.0.outcome_unknown = true;
        self
    }

    /// Whether the change may have been applied all the same.
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.outcome_unknown
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failure { store, operation, outcome_unknown, .. } = &*self.0;
        write!(f, "{store} failed to {operation}")?;
        if *outcome_unknown {
            f.write_str("; the change may have been applied all the same")?;
        }
        Ok(())
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0.source)
    }
}
