//! Sessions in a PostgreSQL database.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::{Connection as _, Executor as _};

use super::sql::call::{self, CallError};
use super::sql::parameters::Bind as _;
use super::sql::{answer, pool};
use super::{Store, StoreError};
use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod columns;
mod parameters;
mod schema;
mod statements;

use schema::SchemaName;
use statements::{Bound, Statements, Text};

/// How long an operation may take unless it is set.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The schema unless another is named: the one in which programs that name none have their tables.
const PUBLIC: &str = "public";

/// Sessions in a PostgreSQL database (11 or later; the tests run on 15): for several machines.
///
/// Each operation is one call of a function that the store's schema has, and so one transaction and one trip. A commit locks
/// its session's row and no other, so that commits to different sessions don't wait for each other, and none can deadlock.
///
/// What is acknowledged survives the server's death as far as its settings go (`fsync`, `synchronous_commit`), and its
/// failover as far as its replicas have it. For TLS, add the `sqlx` crate to the program with a TLS feature of its own, such as
/// `tls-rustls`; `?sslmode=require` in the URL then insists on it.
///
/// All names begin with `session_`: tables, types and functions, in the schema `public` unless another is named. Whoever is
/// connected needs `USAGE` on the schema, all rights on the tables and `EXECUTE` on the functions; and `CREATE` on the schema
/// where the store is to make them.
#[derive(Clone, Debug)]
pub struct PostgresStore {
    pool: PgPool,
    statements: Arc<Statements>,
    timeout: Duration,
}

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, with up to 10 connections that are made as they are needed,
    /// and creates the tables in the schema `public` if they are not there. Several nodes may do so at once.
    ///
    /// A connection that breaks is made anew by the next operation that needs it.
    ///
    /// # Errors
    /// When the URL is none, the server can't be reached within 5 seconds or does not let us in, the tables can't be created,
    /// or a newer version of this crate made them.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_in(url, PUBLIC).await
    }

    /// The same, in the schema of this name, which is created too if it is not there.
    ///
    /// # Errors
    /// As [`open`](Self::open), and when the name is not up to 63 ASCII letters, digits and underscores, the first no digit.
    pub async fn open_in(url: &str, schema: &str) -> Result<Self, StoreError> {
        let schema = named(schema)?;
        let options: PgConnectOptions =
            url.parse().map_err(|error: sqlx::Error| CallError::of::<Postgres>("connect")(error.into()))?;
        // Not by the pool: it would go on trying for as long as it may, and then not say what was wrong.
        let connect = async { Ok(PgConnection::connect_with(&options).await?) };
        let mut connection = call::prepare(TIMEOUT, connect).await.map_err(CallError::of::<Postgres>("connect"))?;
        let create = async { Ok(schema::create(&mut connection, &schema).await?) };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<Postgres>("create its tables"))?;
        // It has done its work, however it ends.
        let _ = connection.close().await;
        Ok(Self::of(pool().connect_lazy_with(options), &schema))
    }

    /// Keeps sessions in a database that the program uses already, through its own pool. Creates the tables in the schema
    /// `public` if they are not there. Several nodes may do so at once.
    ///
    /// The pool's `test_before_acquire` costs a trip per operation; without it, the first operations after a restart of the
    /// server fail. The connections' transactions must be `READ COMMITTED`, PostgreSQL's default.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, the tables can't be created, or a newer version of this crate made them.
    pub async fn from_pool(pool: PgPool) -> Result<Self, StoreError> {
        Self::from_pool_in(pool, PUBLIC).await
    }

    /// The same, in the schema of this name, which is created too if it is not there.
    ///
    /// # Errors
    /// As [`from_pool`](Self::from_pool), and when the name is not up to 63 ASCII letters, digits and underscores, the first no
    /// digit.
    pub async fn from_pool_in(pool: PgPool, schema: &str) -> Result<Self, StoreError> {
        let schema = named(schema)?;
        let create = async {
            let mut connection = call::acquire(&pool, TIMEOUT).await?;
            Ok(schema::create(&mut connection, &schema).await?)
        };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<Postgres>("create its tables"))?;
        Ok(Self::of(pool, &schema))
    }

    /// The same, where [`schema_sql`](Self::schema_sql) was run in the schema of this name already: creates nothing.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, the name is none, the tables are missing, or they are those of a newer
    /// version of this crate.
    pub async fn from_migrated_pool(pool: PgPool, schema: &str) -> Result<Self, StoreError> {
        let schema = named(schema)?;
        let check = async {
            let mut connection = call::acquire(&pool, TIMEOUT).await?;
            Ok(schema::check(&mut connection, &schema).await?)
        };
        call::prepare(TIMEOUT, check).await.map_err(CallError::of::<Postgres>("find its tables"))?;
        Ok(Self::of(pool, &schema))
    }

    /// The SQL that creates everything the store needs, in the schema of this name: for programs that run their migrations
    /// themselves. To be run once, in a transaction.
    ///
    /// # Errors
    /// When the name is not up to 63 ASCII letters, digits and underscores, the first no digit.
    pub fn schema_sql(schema: &str) -> Result<String, StoreError> {
        named(schema).map(|schema| schema.sql())
    }

    /// How long an operation may take, with the wait for a connection: 5 seconds unless set. The outcome of a change that took
    /// longer is unknown.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Waits until all connections are closed, the pool's that was given too.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    fn of(pool: PgPool, schema: &SchemaName) -> Self {
        Self { pool, statements: Arc::new(Statements::of(schema)), timeout: TIMEOUT }
    }

    async fn call<'q>(
        &self,
        statement: &Text,
        parameters: impl Fn(Bound<'q>) -> Bound<'q>,
    ) -> Result<Vec<PgRow>, CallError> {
        call::rows(&self.pool, self.timeout, || parameters(statement.query())).await
    }
}

fn named(schema: &str) -> Result<SchemaName, StoreError> {
    SchemaName::new(schema).map_err(|error| CallError::of::<Postgres>("name its schema")(error.into()))
}

/// Whatever the database's default is, the transactions have the level that commits need.
fn pool() -> PgPoolOptions {
    pool::of_our_own::<Postgres>().after_connect(|connection, _| {
        Box::pin(async move {
            let level = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED";
            connection.execute(level).await.map(drop)
        })
    })
}

#[async_trait]
impl Store for PostgresStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let found = self.call(&self.statements.load, |query| parameters::load(query, &id, select, now)).await;
        found.and_then(|found| Ok(answer::record(&found, select.len())?)).map_err(CallError::of::<Postgres>("load"))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let told = self.call(&self.statements.commit, |query| parameters::commit(query, &id, changes, now)).await;
        told.and_then(|told| Ok(answer::outcome(&told, changes)?)).map_err(CallError::of_change::<Postgres>("commit"))
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let told = self.call(&self.statements.destroy, |query| query.id(&id).now(now).guard(&guard)).await;
        told.and_then(|told| Ok(answer::ending(&told)?)).map_err(CallError::of_change::<Postgres>("destroy"))
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let found = self.call(&self.statements.find, |query| query.bind(index).bind(value.as_bytes())).await;
        found.and_then(|found| Ok(answer::sessions(&found)?)).map_err(CallError::of::<Postgres>("find"))
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let swept = self.call(&self.statements.sweep, |query| query.now(now).bind(limit)).await;
        swept.and_then(|swept| Ok(answer::swept(&swept)?)).map_err(CallError::of::<Postgres>("sweep"))
    }
}
