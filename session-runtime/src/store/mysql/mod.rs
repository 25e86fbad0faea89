//! Sessions in a MySQL or MariaDB database.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::mysql::{MySql, MySqlPool};

use super::sql::names::TableNames;
use super::sql::pool;
use super::sql::server::ServerStore;
use super::{Store, StoreError};
use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod dialect;
mod errors;
mod schema;

/// Sessions in a MariaDB database (10.6 or later): for several machines. MySQL (8.0.19 or later) has all that it uses, but the
/// tests run on MariaDB 10.11 alone.
///
/// Each operation is one call of a procedure that the store's schema has, and so one transaction and one trip. A commit locks
/// its session's row.
///
/// What is acknowledged survives the server's death as far as its settings go (`innodb_flush_log_at_trx_commit`,
/// `sync_binlog`), and its failover as far as its replicas have it. Values must fit `max_allowed_packet`, those of one commit
/// together.
///
/// For TLS, add `sqlx = { version = "0.9", features = ["tls-rustls"] }` (or another of its TLS features) to the program, and
/// `?ssl-mode=VERIFY_IDENTITY&ssl-ca=…` to the URL: `REQUIRED` insists on TLS, and does not check who the server is. Without
/// such a feature connections are in the clear. To log in to MySQL 8 without TLS, add `sqlx` with `mysql-rsa`.
///
/// All names of tables and procedures begin with `session_`; [`TableNames`] gives them a prefix and another database. Whoever is
/// connected needs `SELECT`, `INSERT`, `UPDATE`, `DELETE` and `EXECUTE` on the database; and `CREATE`, `DROP`, `INDEX`,
/// `REFERENCES`, `CREATE ROUTINE` and `ALTER ROUTINE` where the store is to make them.
#[derive(Clone, Debug)]
pub struct MySqlStore(ServerStore<MySql>);

impl MySqlStore {
    /// Connects to `mysql://user:password@host:port/database`, with up to 10 connections that are made as they are
    /// needed, and creates the tables if they are not there. Several nodes may do so at once.
    ///
    /// A connection that breaks is made anew by the next operation that needs it.
    ///
    /// # Errors
    /// When the URL is none, the server can't be reached within 5 seconds or does not let us in, the tables can't be created,
    /// or a newer version of this crate made them.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_named(url, &TableNames::new()).await
    }

    /// The same, with tables of these names, in a database that is created too if it is not there.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub async fn open_named(url: &str, names: &TableNames) -> Result<Self, StoreError> {
        let pool = pool::of_our_own().after_connect(|connection, _| Box::pin(schema::autocommit(connection)));
        ServerStore::open(url, names, pool).await.map(Self)
    }

    /// Keeps sessions in a database that the program uses already, through its own pool, of `sqlx` 0.9. Creates the tables
    /// if they are not there. Several nodes may do so at once.
    ///
    /// The pool's `test_before_acquire` costs a trip per operation; without it, the first operations after a restart of the
    /// server fail.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, its connections have `autocommit` off, the tables can't be created, or a newer
    /// version of this crate made them.
    pub async fn from_pool(pool: MySqlPool) -> Result<Self, StoreError> {
        Self::from_pool_named(pool, &TableNames::new()).await
    }

    /// The same, with tables of these names, in a database that is created too if it is not there.
    ///
    /// # Errors
    /// As [`from_pool`](Self::from_pool).
    pub async fn from_pool_named(pool: MySqlPool, names: &TableNames) -> Result<Self, StoreError> {
        ServerStore::from_pool(pool, names).await.map(Self)
    }

    /// The same, where what [`schema_sql`](Self::schema_sql) gives for these names was run already: creates nothing.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, its connections have `autocommit` off, the tables are missing, or they are
    /// those of a newer version of this crate.
    pub async fn from_migrated_pool(pool: MySqlPool, names: &TableNames) -> Result<Self, StoreError> {
        ServerStore::from_migrated_pool(pool, names).await.map(Self)
    }

    /// The SQL that creates everything the store needs, with these names: for programs that run their migrations themselves.
    /// Several statements with semicolons inside; the command line needs another `DELIMITER` around them. May be run again where
    /// it was not run to the end.
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

#[async_trait]
impl Store for MySqlStore {
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
