//! One statement, in one trip, in time; and what it means when that fails.

use std::future::Future;
use std::time::Duration;

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgPool, PgRow, PgSeverity, Postgres};
use sqlx::{Connection as _, Error};
use tokio::time::{Instant, timeout, timeout_at};

use super::schema::SchemaError;
use super::statements::Bound;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
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
    /// Whether it is certain that nothing was changed.
    pub(super) fn is_without_effect(&self) -> bool {
        match self {
            Self::NoConnectionWithin(_) | Self::NoConnection(_) | Self::Schema(_) => true,
            Self::NoAnswerWithin(_) => false,
            Self::Answer(error) => matches!(error, Error::Encode(_)) || is_refusal(error),
        }
    }
}

/// Whether the server itself said that it did not do it. One that closes the connection (`FATAL`) does not say.
fn is_refusal(error: &Error) -> bool {
    /// Transaction resolution unknown, statement completion unknown: said by what stands between us and a server.
    const UNKNOWN: [&str; 2] = ["08007", "40003"];
    from_server(error).is_some_and(|error| error.severity() == PgSeverity::Error && !UNKNOWN.contains(&error.code()))
}

/// Whether the server has forgotten a statement that was prepared (`DISCARD`, a pooler between us), or its tables were made
/// anew since. It has not begun to run it.
fn is_stale_statement(error: &Error) -> bool {
    from_server(error).is_some_and(|error| match error.code() {
        "26000" => true,
        "0A000" => error.message().contains("cached plan"),
        _ => false,
    })
}

fn from_server(error: &Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}

/// The rows that a statement gives. To completion: a row alone does not mean that its transaction is over. Where a statement
/// must be sent again, it is made again.
pub(super) async fn rows<'q>(
    pool: &PgPool,
    within: Duration,
    statement: impl Fn() -> Bound<'q>,
) -> Result<Vec<PgRow>, CallError> {
    let deadline = Instant::now() + within;
    let mut connection = acquire(pool, within).await?;
    match timeout_at(deadline, fetch(&mut connection, statement)).await {
        Ok(answer) => Ok(answer?),
        Err(_) => {
            // The pool would wait for the answer before anybody else may have it.
            drop(connection.detach());
            Err(CallError::NoAnswerWithin(within))
        }
    }
}

/// A connection of the pool, in time.
pub(super) async fn acquire(pool: &PgPool, within: Duration) -> Result<PoolConnection<Postgres>, CallError> {
    match timeout(within, pool.acquire()).await {
        Ok(Err(Error::PoolTimedOut)) => Err(CallError::NoConnectionWithin(pool.options().get_acquire_timeout())),
        Ok(connection) => connection.map_err(CallError::NoConnection),
        Err(_) => Err(CallError::NoConnectionWithin(within)),
    }
}

/// What is done before there is a store, in time.
pub(super) async fn prepare<T>(
    within: Duration,
    work: impl Future<Output = Result<T, CallError>>,
) -> Result<T, CallError> {
    timeout(within, work).await.unwrap_or(Err(CallError::NoAnswerWithin(within)))
}

async fn fetch<'q>(connection: &mut PgConnection, statement: impl Fn() -> Bound<'q>) -> Result<Vec<PgRow>, Error> {
    match statement().fetch_all(&mut *connection).await {
        Err(error) if is_stale_statement(&error) => {
            connection.clear_cached_statements().await?;
            statement().fetch_all(connection).await
        }
        answer => answer,
    }
}
