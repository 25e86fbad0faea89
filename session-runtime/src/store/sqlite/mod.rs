//! Sessions in a SQLite database.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow,
    SqliteSynchronous,
};
use sqlx::{Row as _, Sqlite};

use super::sql::columns as rows;
use super::sql::connections::{Connections, Taken};
use super::sql::names::{TableNames, Written};
use super::sql::new_secret::{NewSecret, Of};
use super::sql::one_field::{self, OneField};
use super::sql::schema::SchemaError;
use super::sql::statements::{Bound, Statements, Text};
use super::{Store, StoreError};
use crate::pause;
use crate::record::{Access, Basis, ChangeSet, Ending, Expired, Guard, Meta, Outcome, Record, Select};
use crate::token::SessionId;

mod fields;
mod parameters;
mod record;
mod schema;
mod text;
mod times;

use parameters::Parameters;
use times::Nanos;

/// How long a write waits for another process's.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection may take to come back: longer than a write that was given up waits still.
const ANSWER: Duration = Duration::from_secs(20);

/// How long an operation waits for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

/// A destruction is a commit.
const STATEMENTS: Statements<&str> = Statements {
    load: include_str!("load.sql"),
    commit: concat!(include_str!("commit.sql"), include_str!("returning.sql")),
    destroy: concat!(include_str!("commit.sql"), include_str!("returning.sql")),
    one_field: Some(one_field::Statements {
        set: concat!(include_str!("set.sql"), include_str!("returning.sql")),
        swap: concat!(include_str!("swap.sql"), include_str!("returning.sql")),
    }),
    begin: Some(concat!(include_str!("begin.sql"), include_str!("returning.sql"))),
    supersede: None,
    find: "SELECT session_id FROM {session_index} WHERE name = ?1 AND value = ?2",
    sweep: "DELETE FROM {session_records} WHERE id IN (
                SELECT id FROM {session_records} WHERE min(idle_deadline, absolute_deadline) <= ?1 LIMIT ?2)
            RETURNING id AS session_id, idle_deadline, absolute_deadline",
};

/// Sessions in a SQLite database: the embedded default. Nothing to install, and they survive a restart; any number of
/// processes on one machine can share the file.
///
/// Each operation is one statement, and so one transaction. A commit of one field is a plain one where nothing else is due, and
/// otherwise, like all other commits, goes through the trigger of a view. Commits are durable when the process dies; when the
/// machine loses power the last of them may be lost
/// ([`synchronous = NORMAL`](https://sqlite.org/pragma.html#pragma_synchronous)), but never a part of one.
///
/// An operation waits up to 10 seconds for a connection, and as long again for another process's write; over a pool of yours, as
/// long as that says.
///
/// All names of tables, indexes, triggers and views begin with `session_`; [`TableNames`] gives them a prefix.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    read: Connections<Sqlite>,
    /// A single connection, where the pool is ours: SQLite has one writer at a time, and waiting in line is fair and cheap.
    write: Connections<Sqlite>,
    statements: Arc<Statements>,
}

impl SqliteStore {
    /// Opens the database file, and creates it and its tables if they are not there. `":memory:"` is a database in memory.
    ///
    /// # Errors
    /// When the file can't be opened or written, its encoding is UTF-16, or a newer version of this crate made its tables.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::open_named(path, &TableNames::new()).await
    }

    /// The same, with tables of these names.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the names are in a schema: SQLite has none.
    pub async fn open_named(path: impl AsRef<Path>, names: &TableNames) -> Result<Self, StoreError> {
        let (path, names) = (path.as_ref(), written(names)?);
        let in_memory = path.as_os_str() == ":memory:";
        let open = if in_memory { Self::in_memory(names).await } else { Self::in_file(path, names).await };
        open.map_err(|source| error("open", OpenError { path: path.display().to_string(), source }))
    }

    /// Keeps sessions in a database that the program uses already, through its own pool, of `sqlx` 0.9. Creates the tables if
    /// they are not there. The pool's own settings decide on journal mode and durability. A pool of a database in memory must
    /// have one connection that stays, for each connection has a memory of its own.
    ///
    /// # Errors
    /// When the database can't be written, its encoding is UTF-16, or a newer version of this crate made the tables.
    pub async fn from_pool(pool: SqlitePool) -> Result<Self, StoreError> {
        Self::from_pool_named(pool, &TableNames::new()).await
    }

    /// The same, with tables of these names.
    ///
    /// # Errors
    /// As [`from_pool`](Self::from_pool), and when the names are in a schema: SQLite has none.
    pub async fn from_pool_named(pool: SqlitePool, names: &TableNames) -> Result<Self, StoreError> {
        let names = written(names)?;
        schema::create(&pool, names).await.map_err(|source| error("create its tables", source))?;
        Ok(Self::on(Connections::shared(pool), names))
    }

    /// The same, where what [`schema_sql`](Self::schema_sql) gives for these names was run already: creates nothing.
    ///
    /// # Errors
    /// When the database can't be read, the tables are missing, they are those of a newer version of this crate, the names are in
    /// a schema, or the database's encoding is UTF-16.
    pub async fn from_migrated_pool(pool: SqlitePool, names: &TableNames) -> Result<Self, StoreError> {
        let names = written(names)?;
        schema::check(&pool, names).await.map_err(|source| error("find its tables", source))?;
        Ok(Self::on(Connections::shared(pool), names))
    }

    /// The SQL that creates everything the store needs, with these names: for programs that run their migrations themselves.
    /// To be run once, in a transaction.
    ///
    /// # Errors
    /// When the names are in a schema: SQLite has none.
    pub fn schema_sql(names: &TableNames) -> Result<String, StoreError> {
        written(names).map(schema::sql)
    }

    async fn in_file(path: &Path, names: Written<'_>) -> Result<Self, SchemaError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT);
        let write = first(&options).await?;
        schema::create(&write, names).await?;
        let readers = std::thread::available_parallelism().map_or(2, |cores| u32::try_from(cores.get()).unwrap_or(2));
        let read = pool_of(readers).connect_with(options).await?;
        Ok(Self::of(Connections::own(read, ANSWER), Connections::own(write, ANSWER), names))
    }

    /// Each connection would have a memory of its own, so there is one, which must stay.
    async fn in_memory(names: Written<'_>) -> Result<Self, SchemaError> {
        let options = SqliteConnectOptions::new().in_memory(true);
        let pool = pool_of(1).min_connections(1).idle_timeout(None).max_lifetime(None).connect_with(options).await?;
        schema::create(&pool, names).await?;
        Ok(Self::on(Connections::shared(pool), names))
    }

    /// Where what reads and what writes have the same connections.
    fn on(connections: Connections<Sqlite>, names: Written<'_>) -> Self {
        Self::of(connections.clone(), connections, names)
    }

    fn of(read: Connections<Sqlite>, write: Connections<Sqlite>, names: Written<'_>) -> Self {
        Self { read, write, statements: Arc::new(STATEMENTS.named(names)) }
    }

    /// Waits until all connections are closed.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn select(&self, id: SessionId, select: &[Select], now: SystemTime) -> Result<Option<Record>, sqlx::Error> {
        let query = self
            .statements
            .load
            .query()
            .bind(id.as_bytes().as_slice())
            .bind(Nanos::of(now))
            .bind(parameters::names(select.iter().filter(|select| select.value)));
        let rows = rows_of(&self.read, query).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let text: Option<&[u8]> = row.try_get("fields")?;
        let fields = fields::of(text.unwrap_or_default(), select).ok_or_else(|| unreadable("fields"))?;
        Ok(Some(Record { meta: meta(row)?, fields, now }))
    }

    /// The connection that writes, and the time when it was its turn: not that before the wait for it, by which a session could
    /// outlive its end.
    async fn writer(&self, now: Option<SystemTime>) -> Result<(Taken<Sqlite>, SystemTime), sqlx::Error> {
        let writer = self.write.take().await?;
        Ok((writer, now.unwrap_or_else(SystemTime::now)))
    }

    /// Does without the procedure, if the change is one that needs less; nothing where that changed nothing.
    async fn write_plainly(
        &self,
        writer: &mut SqliteConnection,
        id: SessionId,
        changes: &ChangeSet,
        now: SystemTime,
    ) -> Result<Option<Box<Meta>>, sqlx::Error> {
        let Some(query) = self.plain(id, changes, now) else { return Ok(None) };
        query.fetch_all(writer).await?.first().map(meta).transpose()
    }

    fn plain<'q>(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Option<Bound<'q, Sqlite>> {
        let Statements { one_field, begin, .. } = &*self.statements;
        if let (Some(statements), Some(change)) = (one_field, OneField::of(changes)) {
            return Some(parameters::one_field(statements.of(&change).query(), id, &change, now));
        }
        match NewSecret::of(changes)?.of {
            Of::Nobody { create, idle, absolute } => {
                Some(parameters::begin(begin.as_ref()?.query(), id, create, [idle, absolute], changes, now))
            }
            Of::Session { .. } => None,
        }
    }

    /// Runs the commit procedure. To completion: a row alone does not mean that its transaction is over.
    async fn call(
        writer: &mut SqliteConnection,
        statement: &Text,
        parameters: Parameters<'_>,
    ) -> Result<Called, sqlx::Error> {
        match parameters.bind(statement.query()).fetch_all(writer).await {
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
            Called::Applied(row) => Ok(Outcome::Applied { meta: meta(&row)?, now }),
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

/// The column `record`.
fn meta(row: &SqliteRow) -> Result<Box<Meta>, sqlx::Error> {
    let text: Option<&[u8]> = row.try_get("record")?;
    text.and_then(record::of).map(Box::new).ok_or_else(|| unreadable("record"))
}

/// What no statement of this store writes.
fn unreadable(column: &str) -> sqlx::Error {
    rows::unreadable(column, format!("no {column} as schema.sql and load.sql write them"))
}

/// All rows that a statement gives.
async fn rows_of(connections: &Connections<Sqlite>, query: Bound<'_, Sqlite>) -> Result<Vec<SqliteRow>, sqlx::Error> {
    let mut connection = connections.take().await?;
    let rows = query.fetch_all(&mut *connection).await?;
    connection.keep();
    Ok(rows)
}

/// The first connection to a file. Whoever finds none makes a database that logs ahead, and for that SQLite does not wait where
/// several do so at once.
async fn first(options: &SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let until = Instant::now() + BUSY_TIMEOUT;
    loop {
        match pool_of(1).connect_with(options.clone()).await {
            Err(error) if is_busy(&error) && Instant::now() < until => {
                tokio::time::sleep(pause::at_random(10_000)).await
            }
            connected => return connected,
        }
    }
}

/// `SQLITE_BUSY`, in any of its extended forms.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()?.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == 5)
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
    source: SchemaError,
}

/// The names as SQLite writes them.
fn written(names: &TableNames) -> Result<Written<'_>, StoreError> {
    schema::written(names).map_err(|source| error("name its tables", source))
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
        let (mut writer, now) = self.writer(now).await.map_err(|source| error("commit", source))?;
        let written = self.write_plainly(&mut writer, id, changes, now).await;
        if let Some(meta) = written.map_err(|source| change_error("commit", source))? {
            writer.keep();
            return Ok(Outcome::Applied { meta, now });
        }
        let called = Self::call(&mut writer, &self.statements.commit, Parameters::commit(id, changes, now)).await;
        let called = called.map_err(|source| change_error("commit", source))?;
        // A database in memory has no other connection to ask what the answer is.
        writer.keep();
        // The procedure is through: whatever fails now, the change may have been made.
        let outcome = self.outcome(called, id, changes, now).await;
        outcome.map_err(|source| error("commit", source).with_outcome_unknown())
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let (mut writer, now) = self.writer(now).await.map_err(|source| error("destroy", source))?;
        let called = Self::call(&mut writer, &self.statements.destroy, Parameters::destroy(id, guard, now)).await;
        let called = called.map_err(|source| change_error("destroy", source))?;
        writer.keep();
        Ok(match called {
            Called::Applied(_) | Called::Again => Ending::Destroyed,
            Called::Superseded => Ending::Superseded,
            Called::Reused => Ending::Reused,
            Called::Gone | Called::Conflict => Ending::Gone,
        })
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let found = rows_of(&self.read, self.statements.find.query().bind(index).bind(value)).await;
        found.and_then(|rows| rows.iter().map(rows::session_id).collect()).map_err(|source| error("find", source))
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let (now, limit) = (Nanos::of(now), i64::try_from(limit).unwrap_or(i64::MAX));
        let swept = rows_of(&self.write, self.statements.sweep.query().bind(now).bind(limit)).await;
        swept.and_then(|rows| rows.iter().map(rows::expired).collect()).map_err(|source| error("sweep", source))
    }

    fn uses_process_clock(&self) -> bool {
        true
    }
}
