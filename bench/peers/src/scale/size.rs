//! What sessions take where they are kept.

use std::fs;

use sqlx::{Connection as _, PgConnection};

use crate::served::Store;

/// The bytes of all that a store has; `None` of one in the process's own memory.
pub(super) async fn of(store: Store, place: &str) -> Option<u64> {
    match store {
        Store::Memory => None,
        Store::Sqlite => Some(fs::metadata(place).expect("the file").len()),
        Store::Redis => Some(of_redis(place).await),
        Store::Postgres => Some(of_postgres(place).await),
    }
}

async fn of_redis(url: &str) -> u64 {
    let client = redis::Client::open(url).expect("a URL");
    let mut server = client.get_multiplexed_async_connection().await.expect("a server");
    let told: String = redis::cmd("INFO").arg("memory").query_async(&mut server).await.expect("the server works");
    let used = told.lines().find_map(|line| line.strip_prefix("used_memory:")).expect("the line of what is used");
    used.trim().parse().expect("a number")
}

async fn of_postgres(url: &str) -> u64 {
    let mut server = PgConnection::connect(url).await.expect("a server");
    let size = sqlx::query_scalar("SELECT pg_database_size(current_database())");
    let bytes: i64 = size.fetch_one(&mut server).await.expect("the server works");
    bytes.unsigned_abs()
}
