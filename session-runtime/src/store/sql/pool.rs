//! The pool of a store that has its own.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{Connection as _, Database};

use super::connections::FRESH;

/// How long it waits for a connection is up to each operation.
pub(in crate::store) fn of_our_own<DB: Database>() -> PoolOptions<DB> {
    PoolOptions::new()
        .acquire_timeout(Duration::from_secs(60 * 60))
        .test_before_acquire(false)
        // A trip, and so only for what had time to break.
        .before_acquire(|connection: &mut DB::Connection, idle| {
            Box::pin(async move {
                if idle.idle_for > FRESH {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}
