//! Sessions in Redis or Valkey.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use redis::aio::{ConnectionLike, ConnectionManager, ConnectionManagerConfig};
use redis::sentinel::SentinelClient;
use redis::{Client, FromRedisValue, Pipeline, RedisError};
use tracing::Instrument as _;

use super::{Store, StoreError};
use crate::record::{ChangeSet, Ending, Expired, FOREVER, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod arguments;
mod reply;
mod scripts;
mod sentinel;

use arguments::Entered;
use reply::{Committed, Entries, Found, Standing};
use scripts::{Call, Key, Scripts};
pub use sentinel::SentinelConnection;

/// How long an operation may take unless it is set.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Sessions in Redis (6.2 or later) or Valkey: for several machines.
///
/// A session is one hash under its ID, which expires by itself a minute after the session. Each operation is one call of a
/// script, so that it is applied whole or not at all, and one trip; a script that the server has forgotten is sent again.
/// An entry in an index costs one or two more. No command reads more than the session that it is about.
///
/// What is acknowledged survives the server's death as far as its persistence goes (`appendonly`, `appendfsync`), and its
/// failover as far as its replicas have it. The server must not evict: set `maxmemory-policy noeviction`. For TLS (`rediss://`),
/// add `redis = { version = "1", features = ["tokio-rustls-comp"] }` (or another of its TLS features) to the program.
#[derive(Clone)]
pub struct RedisStore<C = ConnectionManager> {
    connection: C,
    prefix: Arc<str>,
    timeout: Duration,
    replicas: u32,
    scripts: Arc<Scripts>,
    /// What a connection must know when an operation took too long.
    on_timeout: fn(&C, Duration),
}

impl RedisStore {
    /// Connects to one server: `redis://user:password@host:port/database`. A connection that breaks is made anew by the next
    /// operation that needs it.
    ///
    /// # Errors
    /// When the URL is none, or the server can't be reached or does not let us in.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        // Waiting and trying again is up to whoever asks: a visitor waits.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(TIMEOUT))
            // `with_timeout` decides.
            .set_response_timeout(None)
            .set_number_of_retries(1);
        let connect = async { ConnectionManager::new_with_config(Client::open(url)?, config).await };
        let connection = connect.await.map_err(|source| error("connect", source))?;
        Ok(Self::from_connection(connection))
    }
}

impl RedisStore<SentinelConnection> {
    /// Keeps sessions with the master of a group that Redis Sentinel watches, whichever it is. After a failover the first
    /// operations fail; then the new master is found.
    pub fn from_sentinel(sentinels: SentinelClient) -> Self {
        let store = Self::from_connection(SentinelConnection::new(sentinels));
        // A master that hangs closes no connection.
        Self { on_timeout: SentinelConnection::no_answer_within, ..store }
    }
}

impl<C: ConnectionLike + Clone + Send + Sync + 'static> RedisStore<C> {
    /// Keeps sessions behind a connection of `redis` 1 that the program has already: a `ConnectionManager`, a
    /// `MultiplexedConnection`, or a `ClusterConnection` (its feature `cluster-async`), with which each session is on one node of
    /// the cluster.
    pub fn from_connection(connection: C) -> Self {
        Self {
            connection,
            prefix: "session:".into(),
            timeout: TIMEOUT,
            replicas: 0,
            scripts: Arc::default(),
            on_timeout: |_, _| {},
        }
    }

    /// Begins the names of all keys with this instead of `session:`.
    pub fn with_prefix(self, prefix: impl Into<Arc<str>>) -> Self {
        Self { prefix: prefix.into(), ..self }
    }

    /// How long an operation may take: 5 seconds unless set. The outcome of a change that took longer is unknown.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Acknowledges a change only when this many replicas have it too (`WAIT`): a failover to one of them loses nothing that was
    /// acknowledged. None unless set. The outcome of a change that too few replicas have in time is unknown. Costs no trip, but
    /// the connection's other operations wait for the replicas too. Not for clusters, which ask each master.
    pub fn with_replicas(self, replicas: u32) -> Self {
        Self { replicas, ..self }
    }

    fn session_key(&self, id: SessionId) -> Key<'_> {
        Key::Session { prefix: &self.prefix, id }
    }

    fn index_key<'k>(&'k self, index: &'k str, value: &'k str) -> Key<'k> {
        Key::Index { prefix: &self.prefix, index, value }
    }

    async fn call<T: FromRedisValue>(&self, call: Call<'_>) -> Result<T, CallError> {
        let mut connection = self.connection.clone();
        self.in_time(call.invoke(&mut connection)).await
    }

    /// The call of a script that changes a record, and what it answers. As many replicas as was asked for must have what it has
    /// changed.
    async fn change<T: FromRedisValue, R>(
        &self,
        call: Call<'_>,
        read: impl FnOnce(T) -> Result<R, CallError>,
        has_changed: impl FnOnce(&R) -> bool,
    ) -> Result<R, CallError> {
        if self.replicas == 0 {
            return self.call(call).await.and_then(read);
        }
        let mut connection = self.connection.clone();
        let (answer, replicas) = self.in_time(replicate(call, self.replicas, self.timeout, &mut connection)).await?;
        let answer = read(answer)?;
        if replicas < self.replicas && has_changed(&answer) {
            return Err(CallError::Replicas(replicas, self.replicas));
        }
        Ok(answer)
    }

    async fn in_time<T>(&self, call: impl Future<Output = Result<T, RedisError>>) -> Result<T, CallError> {
        match tokio::time::timeout(self.timeout, call).await {
            Ok(answer) => answer.map_err(CallError::Redis),
            Err(_) => {
                (self.on_timeout)(&self.connection, self.timeout);
                Err(CallError::Timeout(self.timeout))
            }
        }
    }

    async fn commit_record(
        &self,
        id: SessionId,
        changes: &ChangeSet,
        now: Option<SystemTime>,
    ) -> Result<(Outcome, Option<Committed>), StoreError> {
        let script = self.scripts.commit(self.session_key(id), changes, now);
        let is_applied = |(outcome, _): &(Outcome, _)| matches!(outcome, Outcome::Applied { .. });
        let answer = self.change(script, reply::outcome, is_applied).await;
        answer.map_err(|source| change_error("commit", source))
    }

    /// With what must be done to entries in indexes before it, and after it.
    async fn commit_with_entries(
        &self,
        id: SessionId,
        changes: &ChangeSet,
        now: Option<SystemTime>,
    ) -> Result<Outcome, StoreError> {
        let mut new = Entries::new();
        let entered = self.enter(id, changes, now, &mut new).await;
        let answer = match entered {
            Ok(()) => self.commit_record(id, changes, now).await,
            Err(source) => Err(error("enter into its indexes", source)),
        };
        let may_be_applied = match &answer {
            Ok((outcome, _)) => matches!(outcome, Outcome::Applied { .. }),
            Err(error) => error.is_outcome_unknown(),
        };
        if !may_be_applied {
            // What was entered just now stands for nothing. An entry that was there before may be that of the same commit,
            // asked before.
            tidied(id, self.leave(id, &new, now).await);
        }
        let (outcome, committed) = answer?;
        if let Some(committed) = committed {
            // One that was asked again may have been overwritten since.
            new.retain(|entry| !committed.after.contains(entry));
            tidied(id, self.leave(id, &new, now).await);
            // It is committed. Asked again, it is recognised, and its entries are looked after again: one too few must not stay.
            let settled = self.settle(id, &committed, now).await;
            settled.map_err(|source| error("keep its entries in indexes", source).with_outcome_unknown())?;
        }
        Ok(outcome)
    }

    /// Enters the session under each value before it is committed, so that whoever looks for it misses it at no time. Notes the
    /// entries that were not there before.
    async fn enter(
        &self,
        id: SessionId,
        changes: &ChangeSet,
        now: Option<SystemTime>,
        new: &mut Entries,
    ) -> Result<(), CallError> {
        for change in &changes.index {
            let Some(entered) = arguments::entered(changes, change) else { continue };
            let key = self.index_key(change.index, &entered.value);
            if self.call(self.scripts.enter(key, id, entered.by, now)).await? {
                new.push((change.index.to_owned(), entered));
            }
        }
        Ok(())
    }

    /// Takes out what a commit has replaced, and lets what it has left live as long as the session. An entry too many is found out
    /// by whoever reads it: only one too few is an error.
    async fn settle(&self, id: SessionId, committed: &Committed, now: Option<SystemTime>) -> Result<(), CallError> {
        let Committed { before, after, meta, .. } = committed;
        let mut replaced: Entries = before.iter().filter(|entry| !after.contains(entry)).cloned().collect();
        let mut kept = Ok(());
        for (name, Entered { by, value }) in after {
            // In the same place: one call does both.
            let same = replaced.iter().position(|(of, entered)| of == name && entered.value == *value);
            let instead_of = same.map(|at| replaced.swap_remove(at).1.by);
            let key = self.index_key(name, value);
            let keeps = self.call::<()>(self.scripts.keep(key, id, *by, instead_of, meta.absolute_deadline, now)).await;
            kept = kept.and(keeps);
        }
        tidied(id, self.leave(id, &replaced, now).await);
        kept
    }

    /// The sessions in an index whose entries stand for something: one that is made before its commit may be of a commit that is
    /// refused, and an ID is public.
    async fn found(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, CallError> {
        let script = self.scripts.find(self.index_key(index, value), now);
        let mut sessions = BTreeSet::new();
        for Found { id, by, standing } in self.call(script).await.and_then(reply::found)? {
            let entered = Entered { by, value: value.to_owned() };
            let is_settled = matches!(standing, Standing::Settled);
            if is_settled || self.call(self.scripts.entered(self.session_key(id), index, &entered)).await? {
                sessions.insert(id);
            } else if matches!(standing, Standing::Old) {
                tidied(id, self.call::<()>(self.scripts.tidy(self.index_key(index, value), id, by, now)).await);
            }
        }
        Ok(sessions.into_iter().collect())
    }

    async fn leave(&self, id: SessionId, entries: &Entries, now: Option<SystemTime>) -> Result<(), CallError> {
        for (name, Entered { by, value }) in entries {
            self.call::<()>(self.scripts.leave(self.index_key(name, value), id, *by, now)).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl<C: ConnectionLike + Clone + Send + Sync + 'static> Store for RedisStore<C> {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let script = self.scripts.load(self.session_key(id), select, now);
        let answer = self.call(script).await.and_then(|answer| reply::record(answer, select.len()));
        answer.map_err(|source| error("load", source))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        if changes.index.is_empty() && changes.absolute.is_none() && changes.remember.is_none() {
            return Ok(self.commit_record(id, changes, now).await?.0);
        }
        // To its end, also where whoever waits for it gives up: half of it would leave an entry without its session, or let a
        // session outlive its entry.
        let (store, changes) = (self.clone(), changes.clone());
        let commit = async move { store.commit_with_entries(id, &changes, now).await };
        let commit = tokio::spawn(commit.instrument(tracing::Span::current()));
        commit.await.unwrap_or_else(|error| Err(self::error("commit", error).with_outcome_unknown()))
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let script = self.scripts.destroy(self.session_key(id), guard, now);
        let is_destroyed = |(ending, _): &(Ending, _)| *ending == Ending::Destroyed;
        let answer = self.change(script, reply::ending, is_destroyed).await;
        let (ending, entries) = answer.map_err(|source| change_error("destroy", source))?;
        tidied(id, self.leave(id, &entries, now).await);
        Ok(ending)
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.found(index, value, now).await.map_err(|source| error("find", source))
    }

    /// Nothing to do: keys expire by themselves.
    async fn sweep(&self, _limit: usize, _now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        Ok(Vec::new())
    }

    fn needs_sweeping(&self) -> bool {
        false
    }
}

/// Tells of index entries that could not be put right: whoever reads one too many finds it out.
fn tidied(id: SessionId, result: Result<(), CallError>) {
    if let Err(error) = result {
        tracing::warn!(session = %id, error = &error as &dyn std::error::Error, "an index entry was left behind");
    }
}

impl<C> fmt::Debug for RedisStore<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("prefix", &self.prefix)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Calls the script, and tells how many replicas have all that its connection has seen by then. Together, so that it is the same
/// connection.
async fn replicate<T: FromRedisValue>(
    call: Call<'_>,
    replicas: u32,
    within: Duration,
    connection: &mut impl ConnectionLike,
) -> Result<(T, u32), RedisError> {
    // Less, so that there is an answer.
    let millis = u64::try_from((within / 2).min(FOREVER).as_millis()).unwrap_or(u64::MAX);
    let wait = |calls: &mut Pipeline| {
        calls.cmd("WAIT").arg(replicas).arg(millis.max(1));
    };
    call.invoke_with(wait, connection).await
}

/// Why a script gave no answer.
#[derive(Debug, thiserror::Error)]
enum CallError {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer within {0:?}")]
    Timeout(Duration),
    #[error("{0} of {1} replicas have it in time")]
    Replicas(u32, u32),
    #[error("a record that this version does not understand: {0}")]
    Format(&'static str),
}

fn error(operation: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new("RedisStore", operation, source)
}

/// An error of a change, which may have been applied unless the server said that it was not.
fn change_error(operation: &'static str, source: CallError) -> StoreError {
    let known = match &source {
        CallError::Redis(error) => error.is_connection_refusal() || is_answer(error),
        CallError::Timeout(_) | CallError::Format(_) | CallError::Replicas(..) => false,
    };
    let error = error(operation, source);
    if known { error } else { error.with_outcome_unknown() }
}

/// Whether the server itself said that it did not do it.
fn is_answer(error: &RedisError) -> bool {
    /// No memory, no disk, too few replicas: told of a script's first write, and of none after it.
    const WITHOUT_EFFECT: [&str; 3] = ["OOM", "MISCONF", "NOREPLICAS"];
    // Not of the script but of the `WAIT` after it, which tells nothing.
    if error.clone().into_server_errors().is_some_and(|errors| errors.iter().all(|(at, _)| *at > 0)) {
        return false;
    }
    matches!(error.kind(), redis::ErrorKind::Server(_) | redis::ErrorKind::AuthenticationFailed)
        || error.code().is_some_and(|code| WITHOUT_EFFECT.contains(&code))
}
