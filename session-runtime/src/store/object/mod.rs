//! Sessions as objects: in files, or in an object store such as S3.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use opendal::Operator;

use super::{Store, StoreError};
use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod change;
mod entries;
mod files;
mod format;
mod names;
mod objects;
mod service;
mod sweep;

use files::Files;
use objects::{ObjectError, Objects, Trip};
use service::Service;

/// How long an operation may take unless it is set.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Sessions as objects, one for each: files of this machine, where there is to be no database; or whatever
/// [OpenDAL](opendal) reaches that can write on a condition, such as S3, Azure Blob Storage and Google Cloud Storage.
///
/// A commit reads the session's object, and writes it if nobody else has written it since; else it begins anew, for as long as
/// [`with_timeout`](Self::with_timeout) allows. A value is stored with its whole session: large fields cost each commit of it.
///
/// | | guarantees |
/// | --- | --- |
/// | [`open`](Self::open): files | all, for any number of processes on one machine. What is acknowledged is on disk (`fsync`) |
/// | [`from_operator`](Self::from_operator): a service with conditional writes | all, for any number of machines. What is acknowledged survives as the service says. The tests run on SeaweedFS, by S3 |
/// | [`last_write_wins`](Self::last_write_wins): any other service | none where two write to one session at the same time: see there |
///
/// Services tell no time: without a time from the caller, this machine's clock decides. So clocks of several machines should agree,
/// to a few seconds.
///
/// # What it costs
///
/// | operation | requests |
/// | --- | --- |
/// | load | 1 read |
/// | commit | 1 read and 1 write; a new session 2 writes; a value in an index that is new to the session 1 write more, one that is replaced 1 deletion |
/// | destroy | 1 read and 1 write, and 1 deletion for each index that the session is in |
/// | find | 1 list, and 1 read for each session found |
/// | sweep | 1 list, 1 for each hour whose sessions are not all swept, and for each that has expired 1 read, 1 write and 2 deletions; a session that lives on is read about once in each idle time |
///
/// Any number of machines may sweep at the same time. What was destroyed leaves an object of 21 bytes until it would have
/// expired.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    objects: Arc<dyn Objects>,
    timeout: Duration,
}

impl ObjectStore {
    /// Keeps sessions in files in this folder, which is made if it is not there, for its owner alone to look into. Any number of
    /// processes on this machine can share it.
    ///
    /// The file system must have locks and rename atomically: those of local disks do, network file systems often don't.
    ///
    /// # Errors
    /// When the folder can't be made or written, or its file system has no locks.
    pub async fn open(folder: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::in_files(folder.as_ref().to_owned()).await
    }

    /// Keeps sessions where this operator's root is, which nothing else should write to. Tries out with a small object, in the
    /// folder `probe`, whether the service heeds the conditions of writes.
    ///
    /// The service, its HTTP transport and layers such as `RetryLayer` are features of the `opendal` crate, which the program
    /// chooses:
    ///
    /// ```toml
    /// opendal = { version = "0.59", features = ["services-s3"] }
    /// ```
    ///
    /// What is written must be read and listed from then on, as S3, Azure Blob Storage and Google Cloud Storage promise.
    ///
    /// An operator of OpenDAL's `fs` service is as good as [`open`](Self::open) with its root.
    ///
    /// # Errors
    /// When the service can't be reached or does not let us in within 5 seconds; and when it can't write on a condition, or only
    /// says so, as some that are compatible with S3 do: without that, commits overwrite each other.
    pub async fn from_operator(operator: Operator) -> Result<Self, StoreError> {
        if operator.info().scheme() == "fs" {
            return Self::in_files(operator.info().root().into()).await;
        }
        let service = tokio::time::timeout(TIMEOUT, Service::new(operator)).await;
        let service = service.unwrap_or(Err(ObjectError::Timeout(TIMEOUT))).map_err(failed("connect"))?;
        Ok(Self::of(service))
    }

    /// Keeps sessions where this operator's root is, also in a service that can't write on a condition: the last write wins.
    ///
    /// Where two requests write to one session at the same time, the one that is later **overwrites the other**, whatever fields
    /// they write. So updates and values are lost, a one-time token can be taken twice, and a session that is destroyed while
    /// another request writes to it **comes back**. Requests that come one after another are safe.
    pub fn last_write_wins(operator: Operator) -> Self {
        Self::of(Service::last_write_wins(operator))
    }

    /// How long an operation may take, with all its requests; a sweep or a search, for each list and each session: 5 seconds
    /// unless set. The outcome of a change that took longer is unknown.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    async fn in_files(folder: PathBuf) -> Result<Self, StoreError> {
        Files::open(folder).await.map(Self::of).map_err(failed("open"))
    }

    fn of(objects: impl Objects + 'static) -> Self {
        Self { objects: Arc::new(objects), timeout: TIMEOUT }
    }

    fn trip(&self) -> Trip<'_> {
        Trip::begin(&*self.objects, self.timeout)
    }
}

/// An error after which nothing was changed.
fn failed(operation: &'static str) -> impl Fn(ObjectError) -> StoreError {
    move |source| StoreError::new("ObjectStore", operation, source)
}

/// An error after which nobody knows whether something was changed.
fn lost(operation: &'static str) -> impl Fn(ObjectError) -> StoreError {
    move |source| failed(operation)(source).with_outcome_unknown()
}

/// An error of a change, which may have been applied unless it is certain that it was not.
fn change_failed(operation: &'static str) -> impl Fn(ObjectError) -> StoreError {
    move |source| {
        if source.is_without_effect() { failed(operation)(source) } else { lost(operation)(source) }
    }
}

#[async_trait]
impl Store for ObjectStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let seen = change::read(&self.trip(), id).await.map_err(failed("load"))?;
        let held = seen.as_ref().and_then(change::Seen::held);
        Ok(held.and_then(|held| held.record.select(select, now.unwrap_or_else(SystemTime::now))))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        change::commit(&self.trip(), id, changes, now).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        change::destroy(&self.trip(), id, guard, now).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        entries::find(self, index, value, now.unwrap_or_else(SystemTime::now)).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        sweep::sweep(self, limit, now.unwrap_or_else(SystemTime::now)).await
    }

    fn uses_process_clock(&self) -> bool {
        true
    }
}
