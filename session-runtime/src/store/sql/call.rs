//! One statement, in one trip, in time; and what it means when that fails.

use std::future::Future;
use std::time::Duration;

use sqlx::database::HasStatementCache;
use sqlx::{Connection as _, Database, Error};
use tokio::time::{Instant, timeout, timeout_at};

use super::columns::Columns;
use super::connections::{Connections, Taken};
use super::schema::SchemaError;
use super::statements::Bound;
use crate::record::FOREVER;
use crate::store::StoreError;

/// A kind of server, and what its errors mean.
pub(in crate::store) trait Server: Database<Row: Columns> + HasStatementCache {
    /// The name of its store.
    const STORE: &'static str;

    /// All rows that a statement gives.
    fn fetch<'q>(
        connection: &mut Self::Connection,
        statement: Bound<'q, Self>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, Error>> + Send;

    /// Whether the server itself said that it did not do it.
    fn is_refusal(error: &Error) -> bool;

    /// Whether the server has forgotten a statement that was prepared, or what it is about was made anew since. It has not
    /// begun to run it.
    fn is_stale_statement(error: &Error) -> bool;

    /// Whether a statement that ended so may have left its transaction open, of which nobody else may become a part.
    fn may_leave_a_transaction(_error: &Error) -> bool {
        false
    }

    /// Whether the server has undone all of it because somebody else was in the way.
    fn is_collision(error: &Error) -> bool;
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum CallError {
    #[error("no connection within {0:?}: the server is not there, or all connections are in use")]
    NoConnectionWithin(Duration),
    #[error("no connection")]
    NoConnection(#[source] Error),
    #[error("no answer within {0:?}")]
    NoAnswerWithin(Duration),
    #[error(transparent)]
    Schema(#[from] SchemaError),
    #[error(transparent)]
    Answer(#[from] Error),
}

impl CallError {
    /// The error of an operation that changes nothing.
    pub(in crate::store) fn of<DB: Server>(operation: &'static str) -> impl Fn(Self) -> StoreError {
        move |source| StoreError::new(DB::STORE, operation, source)
    }

    /// The error of a change, which may have been applied unless it is certain that it was not.
    pub(in crate::store) fn of_change<DB: Server>(operation: &'static str) -> impl Fn(Self) -> StoreError {
        move |source| {
            let known = source.is_without_effect::<DB>();
            let error = StoreError::new(DB::STORE, operation, source);
            if known { error } else { error.with_outcome_unknown() }
        }
    }

    fn is_without_effect<DB: Server>(&self) -> bool {
        match self {
            Self::NoConnectionWithin(_) | Self::NoConnection(_) | Self::Schema(_) => true,
            Self::NoAnswerWithin(_) => false,
            Self::Answer(error) => matches!(error, Error::Encode(_)) || DB::is_refusal(error),
        }
    }
}

/// The rows that a statement gives. To completion: a row alone does not mean that its transaction is over. Where a statement
/// must be sent again, it is made again.
pub(in crate::store) async fn rows<'q, DB: Server>(
    connections: &Connections<DB>,
    within: Duration,
    statement: impl Fn() -> Bound<'q, DB>,
) -> Result<Vec<DB::Row>, CallError> {
    let deadline = Instant::now() + within.min(FOREVER);
    let mut connection = take(connections, within).await?;
    match timeout_at(deadline, fetch::<DB>(&mut connection, statement)).await {
        Ok(Err(error)) => {
            if DB::may_leave_a_transaction(&error) {
                drop(connection.detach());
            }
            Err(error.into())
        }
        Ok(Ok(rows)) => {
            connection.keep();
            Ok(rows)
        }
        Err(_) => {
            // The pool would wait for the answer before anybody else may have it.
            drop(connection.detach());
            Err(CallError::NoAnswerWithin(within))
        }
    }
}

/// A connection, in time.
pub(in crate::store) async fn take<DB: Database>(
    connections: &Connections<DB>,
    within: Duration,
) -> Result<Taken<DB>, CallError> {
    match timeout(within, connections.take()).await {
        Ok(Err(Error::PoolTimedOut)) => Err(CallError::NoConnectionWithin(connections.patience())),
        Ok(connection) => connection.map_err(CallError::NoConnection),
        Err(_) => Err(CallError::NoConnectionWithin(within)),
    }
}

/// What is done before there is a store, in time.
pub(in crate::store) async fn prepare<T>(
    within: Duration,
    work: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    timeout(within, work).await.unwrap_or(Err(CallError::NoAnswerWithin(within)))
}

async fn fetch<'q, DB: Server>(
    connection: &mut DB::Connection,
    statement: impl Fn() -> Bound<'q, DB>,
) -> Result<Vec<DB::Row>, Error> {
    let mut is_fresh = false;
    loop {
        match DB::fetch(connection, statement()).await {
            Err(error) if DB::is_stale_statement(&error) && !is_fresh => {
                connection.clear_cached_statements().await?;
                is_fresh = true;
            }
            // Until it works, or it is too late.
            Err(error) if DB::is_collision(&error) => {}
            answer => return answer,
        }
    }
}
