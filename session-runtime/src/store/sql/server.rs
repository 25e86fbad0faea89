//! Sessions on a server whose schema has a function, or a procedure, for each operation.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use sqlx::pool::PoolOptions;
use sqlx::{Connection, Pool};

use super::answer::{self, Swept};
use super::call::{self, CallError, Server};
use super::connections::Connections;
use super::names::{TableNames, Written};
use super::new_secret::NewSecret;
use super::one_field::OneField;
use super::pool;
use super::schema::{SchemaError, known};
use super::statements::{Bound, Statements, Text};
use crate::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use crate::store::{Store, StoreError};
use crate::token::SessionId;

/// How long an operation may take unless it is set.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What is a kind of server's own: its SQL, and in which order that has its parameters.
pub(in crate::store) trait Dialect: Server {
    const STATEMENTS: Statements<&'static str>;

    /// The names as it writes them.
    fn written(names: &TableNames) -> Written<'_>;

    /// Whether the connections of a pool that was given are as commits need them.
    async fn check_settings(_connection: &mut Self::Connection) -> Result<(), SchemaError> {
        Ok(())
    }

    /// The version of the tables; `None` where there are none.
    async fn version(connection: &mut Self::Connection, names: &TableNames) -> Result<Option<i64>, sqlx::Error>;

    /// Makes what is not there, where no version was found, on a connection of its own. Several nodes may do so at once.
    async fn make(connection: Self::Connection, names: &TableNames) -> Result<(), SchemaError>;

    fn load<'q>(
        query: Bound<'q, Self>,
        id: &'q SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Bound<'q, Self>;

    fn commit<'q>(
        query: Bound<'q, Self>,
        id: &'q SessionId,
        changes: &'q ChangeSet,
        now: Option<SystemTime>,
    ) -> Bound<'q, Self>;

    /// Only for a dialect that has the statements.
    fn one_field<'q>(
        query: Bound<'q, Self>,
        _id: &'q SessionId,
        _change: &OneField<'q>,
        _now: Option<SystemTime>,
    ) -> Bound<'q, Self> {
        query
    }

    /// Only for a dialect that has those statements.
    fn new_secret<'q>(
        query: Bound<'q, Self>,
        _id: &'q SessionId,
        _change: &NewSecret<'q>,
        _now: Option<SystemTime>,
    ) -> Bound<'q, Self> {
        query
    }

    fn destroy<'q>(
        query: Bound<'q, Self>,
        id: &'q SessionId,
        guard: &'q Guard,
        now: Option<SystemTime>,
    ) -> Bound<'q, Self>;

    fn find<'q>(query: Bound<'q, Self>, index: &'q str, value: &'q str) -> Bound<'q, Self>;

    /// At most so many that have expired, and so many that were destroyed.
    fn sweep(query: Bound<'_, Self>, most: [i64; 2], now: Option<SystemTime>) -> Bound<'_, Self>;
}

/// A store on a server of this kind.
#[derive(Debug)]
pub(in crate::store) struct ServerStore<DB: Dialect> {
    connections: Connections<DB>,
    statements: Arc<Statements>,
    timeout: Duration,
}

impl<DB: Dialect> Clone for ServerStore<DB> {
    fn clone(&self) -> Self {
        Self { connections: self.connections.clone(), statements: Arc::clone(&self.statements), timeout: self.timeout }
    }
}

impl<DB: Dialect> ServerStore<DB> {
    /// Connects, by such a pool, and creates what is not there.
    pub(in crate::store) async fn open(
        url: &str,
        names: &TableNames,
        pool: PoolOptions<DB>,
    ) -> Result<Self, StoreError> {
        let connect_error = CallError::of::<DB>("connect");
        let parsed = url.parse::<<DB::Connection as Connection>::Options>();
        let options = parsed.map_err(|error| connect_error(error.into()))?;
        // Not by the pool: it would go on trying for as long as it may, and then not say what was wrong.
        let connect = async { Ok(DB::Connection::connect_with(&options).await?) };
        let connection = call::prepare(TIMEOUT, connect).await.map_err(connect_error)?;
        let create = async { Ok(create::<DB>(connection, names).await?) };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<DB>("create its tables"))?;
        Ok(Self::of(Connections::own(pool.connect_lazy_with(options), pool::ANSWER), names))
    }

    /// On a pool that is there. Creates what is not there.
    pub(in crate::store) async fn from_pool(pool: Pool<DB>, names: &TableNames) -> Result<Self, StoreError> {
        let connections = Connections::shared(pool);
        let create = async {
            // Its own afterwards: locks under which tables are made may end with it.
            let mut connection = call::take(&connections, TIMEOUT).await?.detach();
            DB::check_settings(&mut connection).await?;
            Ok(create::<DB>(connection, names).await?)
        };
        call::prepare(TIMEOUT, create).await.map_err(CallError::of::<DB>("create its tables"))?;
        Ok(Self::of(connections, names))
    }

    /// The same, where everything is there.
    pub(in crate::store) async fn from_migrated_pool(pool: Pool<DB>, names: &TableNames) -> Result<Self, StoreError> {
        let connections = Connections::shared(pool);
        let check = async {
            let mut connection = call::take(&connections, TIMEOUT).await?;
            DB::check_settings(&mut connection).await?;
            Ok(check::<DB>(&mut connection, names).await?)
        };
        call::prepare(TIMEOUT, check).await.map_err(CallError::of::<DB>("find its tables"))?;
        Ok(Self::of(connections, names))
    }

    pub(in crate::store) fn with_timeout(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    pub(in crate::store) async fn close(&self) {
        self.connections.close().await;
    }

    fn of(connections: Connections<DB>, names: &TableNames) -> Self {
        Self { connections, statements: Arc::new(DB::STATEMENTS.named(DB::written(names))), timeout: TIMEOUT }
    }

    async fn call<'q>(
        &self,
        statement: &Text,
        parameters: impl Fn(Bound<'q, DB>) -> Bound<'q, DB>,
    ) -> Result<Vec<DB::Row>, CallError> {
        call::rows(&self.connections, self.timeout, || parameters(statement.query())).await
    }
}

impl<DB: Dialect> ServerStore<DB> {
    async fn sweep_once(&self, most: usize, most_ended: usize, now: Option<SystemTime>) -> Result<Swept, CallError> {
        let most = [most, most_ended].map(|most| i64::try_from(most).unwrap_or(i64::MAX));
        let swept = self.call(&self.statements.sweep, |query| DB::sweep(query, most, now)).await?;
        Ok(answer::swept(&swept)?)
    }

    /// The change as one that gives a session a secret, with the statement for it.
    fn new_secret<'c>(&self, changes: &'c ChangeSet) -> Option<(&Text, NewSecret<'c>)> {
        let change = NewSecret::of(changes)?;
        Some((change.statement(&self.statements)?, change))
    }

    /// Does without the commit procedure, where there is a plain statement for such a change; nothing where that changed nothing.
    async fn commit_plainly(
        &self,
        id: &SessionId,
        changes: &ChangeSet,
        now: Option<SystemTime>,
    ) -> Result<Option<Outcome>, CallError> {
        let one_field = &self.statements.one_field;
        let told = if let (Some(statements), Some(change)) = (one_field, OneField::of(changes)) {
            self.call(statements.of(&change), |query| DB::one_field(query, id, &change, now)).await?
        } else if let Some((statement, change)) = self.new_secret(changes) {
            self.call(statement, |query| DB::new_secret(query, id, &change, now)).await?
        } else {
            return Ok(None);
        };
        Ok(told.first().map(answer::applied).transpose()?)
    }
}

async fn create<DB: Dialect>(mut connection: DB::Connection, names: &TableNames) -> Result<(), SchemaError> {
    // Without any lock first: a server that only reads may have them.
    match DB::version(&mut connection, names).await? {
        Some(version) => known(version)?,
        None => return DB::make(connection, names).await,
    }
    // It has done its work, however it ends.
    let _ = connection.close().await;
    Ok(())
}

/// Says what is wrong where not all is there.
async fn check<DB: Dialect>(connection: &mut DB::Connection, names: &TableNames) -> Result<(), SchemaError> {
    let missing = || SchemaError::Missing { store: DB::STORE, table: DB::written(names).sql("{session_schema}") };
    known(DB::version(connection, names).await?.ok_or_else(missing)?)
}

#[async_trait]
impl<DB: Dialect> Store for ServerStore<DB> {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let found = self.call(&self.statements.load, |query| DB::load(query, &id, select, now)).await;
        found.and_then(|found| Ok(answer::record(&found, select.len())?)).map_err(CallError::of::<DB>("load"))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let done = self.commit_plainly(&id, changes, now).await.map_err(CallError::of_change::<DB>("commit"))?;
        if let Some(applied) = done {
            return Ok(applied);
        }
        let told = self.call(&self.statements.commit, |query| DB::commit(query, &id, changes, now)).await;
        told.and_then(|told| Ok(answer::outcome(&told, changes)?)).map_err(CallError::of_change::<DB>("commit"))
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let told = self.call(&self.statements.destroy, |query| DB::destroy(query, &id, &guard, now)).await;
        told.and_then(|told| Ok(answer::ending(&told)?)).map_err(CallError::of_change::<DB>("destroy"))
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let found = self.call(&self.statements.find, |query| DB::find(query, index, value)).await;
        found.and_then(|found| Ok(answer::sessions(&found)?)).map_err(CallError::of::<DB>("find"))
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let mut expired = Vec::new();
        loop {
            match self.sweep_once(limit - expired.len(), limit, now).await {
                Ok(swept) => {
                    expired.extend(swept.expired);
                    // The caller does not know of those that were destroyed, and so not that there are more.
                    if swept.ended < limit || limit == 0 {
                        return Ok(expired);
                    }
                }
                // What is deleted must be named. The next sweep tells of this.
                Err(_) if !expired.is_empty() => return Ok(expired),
                Err(error) => return Err(CallError::of::<DB>("sweep")(error)),
            }
        }
    }
}
