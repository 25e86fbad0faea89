//! The pool of a store that has its own.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection as _, Database, Error};
use tokio::time::timeout;

use super::connections::FRESH;

/// How long a connection may take to say that it is well: less than operations may. One to a server that has gone without a word
/// says nothing until TCP gives up.
pub(in crate::store) const ANSWER: Duration = Duration::from_secs(2);

/// How long it waits for a connection is up to each operation.
pub(in crate::store) fn of_our_own<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new()
        .acquire_timeout(Duration::from_secs(60 * 60))
        .test_before_acquire(false)
        // A trip, and so only for what had time to break.
        .before_acquire(|connection: &mut DB::Connection, idle| {
            Box::pin(async move {
                if idle.idle_for > FRESH {
                    let silent = |_| Error::Io(std::io::ErrorKind::TimedOut.into());
                    timeout(ANSWER, connection.ping()).await.map_err(silent)??;
                }
                Ok(true)
            })
        })
}
