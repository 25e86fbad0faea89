//! Sessions in a SQLite database.

use std::path::Path;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};

use super::sql::columns as rows;
use super::{Store, StoreError};
use crate::record::{Access, Basis, ChangeSet, Ending, Expired, Guard, Meta, Outcome, Record, Select};
use crate::token::SessionId;

mod columns;
mod parameters;
mod schema;

use columns::Nanos;
use parameters::Parameters;

/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an operation waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// Sessions in a SQLite database: the embedded default. Nothing to install, and they survive a restart; any number of
/// processes on one machine can share the file.
///
/// Each operation is one statement, and so one transaction. Commits are durable when the process dies; when the machine
/// loses power the last of them may be lost ([`synchronous = NORMAL`](https://sqlite.org/pragma.html#pragma_synchronous)),
/// but never a part of one.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    read: SqlitePool,
    /// A single connection, where the pool is ours: SQLite has one writer at a time, and waiting in line is fair and cheap.
    write: SqlitePool,
}

impl SqliteStore {
    /// Opens the database file, and creates it and its tables if they are not there. `":memory:"` is a database in memory.
    ///
    /// # Errors
    /// When the file can't be opened or written, or a newer version of this crate made its tables.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref();
        let open = if path.as_os_str() == ":memory:" { Self::in_memory().await } else { Self::in_file(path).await };
        open.map_err(|source| error("open", OpenError { path: path.display().to_string(), source }))
    }

    /// Keeps sessions in a database that the program uses already, through its own pool. Creates the tables, whose names
    /// begin with `session_`, if they are not there. The pool's own settings decide on journal mode and durability. A pool of
    /// a database in memory must have one connection that stays, for each connection has a memory of its own.
    ///
    /// # Errors
    /// When the database can't be written, or a newer version of this crate made the tables.
    pub async fn from_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        schema::create(&pool).await.map_err(|source| error("create its tables", source))?;
        Ok(Self { read: pool.clone(), write: pool })
    }

    async fn in_file(path: &Path) -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let write = pool_of(1).connect_with(options.clone()).await?;
        schema::create(&write).await?;
        let readers = std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
        Ok(Self { read: pool_of(readers).connect_with(options).await?, write })
    }

    /// Each connection would have a memory of its own, so there is one, which must stay.
    async fn in_memory() -> Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let pool = pool_of(1).min_connections(1).idle_timeout(None).max_lifetime(None).connect_with(options).await?;
        schema::create(&pool).await?;
        Ok(Self { read: pool.clone(), write: pool })
    }

    /// Waits until all connections are closed.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn select(&self, id: SessionId, select: &[Select], now: SystemTime) -> Result<Option<Record>, sqlx::Error> {
        let found = sqlx::query(include_str!("load.sql"))
            .bind(id.as_bytes().as_slice())
            .bind(Nanos::of(now))
            .bind(parameters::selected(select))
            .fetch_all(&self.read)
            .await?;
        rows::record(&found, select.len(), now)
    }

    /// Runs the commit procedure. To completion: a row alone does not mean that its transaction is over.
    async fn call(&self, parameters: Parameters<'_>) -> Result<Called, sqlx::Error> {
        match parameters.bind(sqlx::query(include_str!("commit.sql"))).fetch_all(&self.write).await {
            Ok(rows) => Ok(rows.into_iter().next().map_or(Called::Again, Called::Applied)),
            Err(error) => match refusal(&error) {
                Some("session:gone") => Ok(Called::Gone),
                Some("session:superseded") => Ok(Called::Superseded),
                Some("session:reused") => Ok(Called::Reused),
                Some("session:conflict") => Ok(Called::Conflict),
                _ => Err(error),
            },
        }
    }

    async fn conflict(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Result<Outcome, sqlx::Error> {
        let wanted: Vec<_> = changes.expect.iter().map(|expect| Select { key: expect.key, value: true }).collect();
        let record = self.select(id, &wanted, now).await?;
        Ok(record.map_or(Outcome::Gone, |record| Outcome::Conflict(record.fields)))
    }

    /// The answer to a commit that was applied when it was asked before.
    async fn again(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Result<Outcome, sqlx::Error> {
        let record = self.select(id, &[], now).await?;
        Ok(match record {
            Some(Record { meta, .. }) if still_holds(&meta, changes, now) => Outcome::Applied { meta, now },
            Some(_) => Outcome::Superseded,
            None => Outcome::Gone,
        })
    }

    /// What a finished call of the procedure means.
    async fn outcome(
        &self,
        called: Called,
        id: SessionId,
        changes: &ChangeSet,
        now: SystemTime,
    ) -> Result<Outcome, sqlx::Error> {
        match called {
            Called::Applied(row) => Ok(Outcome::Applied { meta: rows::meta(&row)?.into(), now }),
            Called::Again => self.again(id, changes, now).await,
            Called::Conflict => self.conflict(id, changes, now).await,
            Called::Superseded => Ok(Outcome::Superseded),
            Called::Reused => Ok(Outcome::Reused),
            Called::Gone => Ok(Outcome::Gone),
        }
    }
}

/// How the commit procedure ended.
enum Called {
    Applied(SqliteRow),
    Again,
    Conflict,
    Gone,
    Superseded,
    Reused,
}

/// Whether the commit's holder is the session's still.
fn still_holds(meta: &Meta, changes: &ChangeSet, now: SystemTime) -> bool {
    let rotated = changes.rotate.as_ref().is_some_and(|rotate| rotate.to == meta.secret_hash);
    rotated
        || match &changes.basis {
            Basis::Create(create) => meta.secret_hash == create.secret_hash,
            Basis::Guard(guard) => meta.admits(guard, now) == Access::Open,
        }
}

/// What the procedure said with `RAISE`.
fn refusal(error: &sqlx::Error) -> Option<&str> {
    Some(error.as_database_error()?.message())
}

fn pool_of(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        // A connection to a file does not break while nobody looks.
        .test_before_acquire(false)
}

#[derive(Debug, thiserror::Error)]
#[error("the database file {path}")]
struct OpenError {
    path: String,
    source: sqlx::Error,
}

fn error(operation: &'static str, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> StoreError {
    StoreError::new("SqliteStore", operation, source)
}

/// An error of a change, which may have been applied when the connection broke while it was under way.
fn change_error(operation: &'static str, source: sqlx::Error) -> StoreError {
    /// The primary result code `SQLITE_IOERR`.
    const IO_ERROR: i32 = 10;
    let code = source.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    let unknown = match &source {
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
        _ => code.is_some_and(|code| code & 0xff == IO_ERROR),
    };
    let error = error(operation, source);
    if unknown { error.with_outcome_unknown() } else { error }
}

#[async_trait]
impl Store for SqliteStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        self.select(id, select, now).await.map_err(|source| error("load", source))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let called = self.call(Parameters::commit(id, changes, now)).await;
        let called = called.map_err(|source| change_error("commit", source))?;
        // The procedure is through: whatever fails now, the change may have been made.
        let outcome = self.outcome(called, id, changes, now).await;
        outcome.map_err(|source| error("commit", source).with_outcome_unknown())
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let called = self.call(Parameters::destroy(id, guard, now)).await;
        Ok(match called.map_err(|source| change_error("destroy", source))? {
            Called::Applied(_) | Called::Again => Ending::Destroyed,
            Called::Superseded => Ending::Superseded,
            Called::Gone | Called::Reused | Called::Conflict => Ending::Gone,
        })
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        sqlx::query("SELECT session_id FROM session_index WHERE name = ?1 AND value = ?2")
            .bind(index)
            .bind(value)
            .fetch_all(&self.read)
            .await
            .and_then(|found| found.iter().map(rows::session_id).collect())
            .map_err(|source| error("find", source))
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let swept = sqlx::query(
            "DELETE FROM session_records WHERE id IN (
                SELECT id FROM session_records WHERE min(idle_deadline, absolute_deadline) <= ?1 LIMIT ?2)
             RETURNING id AS session_id, idle_deadline, absolute_deadline",
        )
        .bind(Nanos::of(now))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&self.write)
        .await;
        swept.and_then(|rows| rows.iter().map(rows::expired).collect()).map_err(|source| error("sweep", source))
    }
}
