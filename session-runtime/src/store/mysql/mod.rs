//! Sessions in a MySQL or MariaDB database.

use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::Connection as _;
use sqlx::mysql::{MySql, MySqlConnectOptions, MySqlConnection, MySqlPool, MySqlRow};

use super::sql::call::{self, CallError};
use super::sql::parameters::Bind as _;
use super::sql::{answer, pool};
use super::{Store, StoreError};
use crate::record::{Basis, ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::token::SessionId;

mod columns;
mod parameters;
mod schema;

use parameters::Bound;

/// How long an operation may take unless it is set.
const TIMEOUT: Duration = Duration::from_secs(5);

const LOAD: &str = "CALL session_load('found', ?, ?, ?)";

const COMMIT: &str = "CALL session_commit(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

const FIND: &str = "SELECT session_id FROM session_index WHERE digest = UNHEX(SHA2(?, 256)) AND name = ? AND value = ?";

const SWEEP: &str = "CALL session_sweep(?, ?)";

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
/// For TLS, add the `sqlx` crate to the program with a TLS feature of its own, such as `tls-rustls`; `?ssl-mode=REQUIRED` in
/// the URL then insists on it. To log in to MySQL 8 without TLS, add it with `mysql-rsa`.
///
/// All names of tables and procedures begin with `session_`. Whoever is connected needs `SELECT`, `INSERT`, `UPDATE`, `DELETE`
/// and `EXECUTE` on the database; and `CREATE`, `DROP`, `INDEX`, `REFERENCES`, `CREATE ROUTINE` and `ALTER ROUTINE` where the
/// store is to make them.
#[derive(Clone, Debug)]
pub struct MySqlStore {
    pool: MySqlPool,
    timeout: Duration,
}

impl MySqlStore {
    /// Connects to `mysql://user:password@host:port/database`, with up to 10 connections that are made as they are needed, and
    /// creates the tables if they are not there. Several nodes may do so at once.
    ///
    /// A connection that breaks is made anew by the next operation that needs it.
    ///
    /// # Errors
    /// When the URL is none, the server can't be reached within 5 seconds or does not let us in, the tables can't be created,
    /// or a newer version of this crate made them.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let connect_error = CallError::of::<MySql>("connect");
        let options: MySqlConnectOptions = url.parse().map_err(|error: sqlx::Error| connect_error(error.into()))?;
        // Not by the pool: it would go on trying for as long as it may, and then not say what was wrong.
        let connect = async { Ok(MySqlConnection::connect_with(&options).await?) };
        let connection = call::prepare(TIMEOUT, connect).await.map_err(connect_error)?;
        let create = async { Ok(schema::create(connection).await?) };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<MySql>("create its tables"))?;
        Ok(Self { pool: pool::of_our_own().connect_lazy_with(options), timeout: TIMEOUT })
    }

    /// Keeps sessions in a database that the program uses already, through its own pool. Creates the tables if they are not
    /// there. Several nodes may do so at once.
    ///
    /// The pool's `test_before_acquire` costs a trip per operation; without it, the first operations after a restart of the
    /// server fail.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, the tables can't be created, or a newer version of this crate made them.
    pub async fn from_pool(pool: MySqlPool) -> Result<Self, StoreError> {
        let create = async { Ok(schema::create(call::acquire(&pool, TIMEOUT).await?.detach()).await?) };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<MySql>("create its tables"))?;
        Ok(Self { pool, timeout: TIMEOUT })
    }

    /// The same, where [`schema_sql`](Self::schema_sql) was run already: creates nothing.
    ///
    /// # Errors
    /// When there is no connection within 5 seconds, the tables are missing, or they are those of a newer version of this
    /// crate.
    pub async fn from_migrated_pool(pool: MySqlPool) -> Result<Self, StoreError> {
        let check = async {
            let mut connection = call::acquire(&pool, TIMEOUT).await?;
            Ok(schema::check(&mut connection).await?)
        };
        call::prepare(TIMEOUT, check).await.map_err(CallError::of::<MySql>("find its tables"))?;
        Ok(Self { pool, timeout: TIMEOUT })
    }

    /// The SQL that creates everything the store needs, in the database that it is run on: for programs that run their
    /// migrations themselves. Several statements with semicolons inside; the command line needs another `DELIMITER` around
    /// them. May be run again where it was not run to the end.
    pub fn schema_sql() -> &'static str {
        schema::SQL
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

    async fn call<'q>(
        &self,
        statement: &'static str,
        parameters: impl Fn(Bound<'q>) -> Bound<'q>,
    ) -> Result<Vec<MySqlRow>, CallError> {
        call::rows(&self.pool, self.timeout, || parameters(sqlx::query(statement))).await
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
        let found = self.call(LOAD, |query| parameters::load(query, &id, select, now)).await;
        found.and_then(|found| Ok(answer::record(&found, select.len())?)).map_err(CallError::of::<MySql>("load"))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let told = self.call(COMMIT, |query| parameters::commit(query, &id, changes, false, now)).await;
        told.and_then(|told| Ok(answer::outcome(&told, changes)?)).map_err(CallError::of_change::<MySql>("commit"))
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let nothing = ChangeSet::new(Basis::Guard(guard));
        let told = self.call(COMMIT, |query| parameters::commit(query, &id, &nothing, true, now)).await;
        told.and_then(|told| Ok(answer::ending(&told)?)).map_err(CallError::of_change::<MySql>("destroy"))
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let (index, value) = (index.as_bytes(), value.as_bytes());
        let found = self.call(FIND, |query| query.bind(value).bind(index).bind(value)).await;
        found.and_then(|found| Ok(answer::sessions(&found)?)).map_err(CallError::of::<MySql>("find"))
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let swept = self.call(SWEEP, |query| query.now(now).bind(limit)).await;
        swept.and_then(|swept| Ok(answer::swept(&swept)?)).map_err(CallError::of::<MySql>("sweep"))
    }
}
