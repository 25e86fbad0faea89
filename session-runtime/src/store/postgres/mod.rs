//! Sessions in a PostgreSQL database.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::Executor as _;
use sqlx::postgres::{PgPool, PgPoolOptions, Postgres};

use super::sql::names::TableNames;
use super::sql::pool;
use super::sql::server::ServerStore;
use super::{Store, StoreError};
use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod dialect;
mod errors;
mod schema;

/// Sessions in a PostgreSQL database (11 or later; the tests run on 15): for several machines.
///
/// Each operation is one statement, and so one transaction and one trip. A commit of one field, a session's beginning and a
/// sign-in are plain statements; all else is a function's that the store's schema has. What a plain statement can't do (a touch
/// that is due) or answer (a conflict, a session that ended) is the function's too, and then a second trip. A commit locks its
/// session's row and no other, so that commits to different sessions don't wait for each other, and none can deadlock.
///
/// What is acknowledged survives the server's death as far as its settings go (`fsync`, `synchronous_commit`), and its
/// failover as far as its replicas have it.
///
/// For TLS, add `sqlx = { version = "0.9", features = ["tls-rustls"] }` (or another of its TLS features) to the program, and
/// `?sslmode=verify-full&sslrootcert=…` to the URL: `require` insists on TLS, and does not check who the server is. Without
/// such a feature connections are in the clear.
///
/// All names begin with `session_`: tables, types and functions, in the schema `public`; [`TableNames`] gives them a prefix and
/// another schema. Whoever is connected needs `USAGE` on the schema, all rights on the tables and `EXECUTE` on the functions;
/// and `CREATE` on the schema where the store is to make them, on the database where it is to make the schema too.
#[derive(Clone, Debug)]
pub struct PostgresStore(ServerStore<Postgres>);

impl PostgresStore {
    /// Connects to `postgres://user:password@host:port/database`, with up to 10 connections that are made as they are
    /// needed, and creates the tables in the schema `public` if they are not there. Several nodes may do so at once.
    ///
    /// A connection that breaks is made anew by the next operation that needs it.
    ///
    /// # Errors
    /// When the URL is none, the server can't be reached within 5 seconds or does not let us in, the tables can't be created,
    /// or a newer version of this crate made them.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_named(url, &TableNames::new()).await
    }

    /// The same, with tables of these names, in a schema that is created too if it is not there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_named(url: &str, names: &TableNames) -> Result<Self, StoreError> {
        ServerStore::open(url, names, pool()).await.map(Self)
    }

    /// Keeps sessions in a database that the program uses already, through its own pool, of `sqlx` 0.9. Creates the tables in the
    /// schema `public` if they are not there. Several nodes may do so at once.
    ///
    /// The pool's `test_before_acquire` costs a trip per operation; without it, the first operations after a restart of the
    /// server fail. The connections' transactions must be `READ COMMITTED`, PostgreSQL's default.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, its transactions have another isolation level, the tables can't be created,
    /// or a newer version of this crate made them.
    pub async fn from_pool(pool: PgPool) -> Result<Self, StoreError> {
        Self::from_pool_named(pool, &TableNames::new()).await
    }

    /// The same, with tables of these names, in a schema that is created too if it is not there.
    ///
    /// # Errors
    /// As [`from_pool`](Self::from_pool).
    pub async fn from_pool_named(pool: PgPool, names: &TableNames) -> Result<Self, StoreError> {
        ServerStore::from_pool(pool, names).await.map(Self)
    }

    /// The same, where what [`schema_sql`](Self::schema_sql) gives for these names was run already: creates nothing.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, its transactions have another isolation level, the tables are missing, or
    /// they are those of a newer version of this crate.
    pub async fn from_migrated_pool(pool: PgPool, names: &TableNames) -> Result<Self, StoreError> {
        ServerStore::from_migrated_pool(pool, names).await.map(Self)
    }

    /// The SQL that creates everything the store needs, with these names: for programs that run their migrations themselves.
    /// To be run once, in a transaction.
    pub fn schema_sql(names: &TableNames) -> String {
        schema::sql(names)
    }

    /// How long an operation may take, with the wait for a connection: 5 seconds unless set. The outcome of a change that took
    /// longer is unknown.
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self(self.0.with_timeout(timeout))
    }

    /// Waits until all connections are closed, the pool's that was given too.
    pub async fn close(&self) {
        self.0.close().await;
    }
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
        self.0.load(id, select, now).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        self.0.commit(id, changes, now).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        self.0.destroy(id, guard, now).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.0.find(index, value, now).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.0.sweep(limit, now).await
    }
}
