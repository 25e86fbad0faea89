//! Fresh stores.

use std::any::Any;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session_runtime::{MemoryStore, MySqlStore, ObjectStore, PostgresStore, SqliteStore, Store};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;

use crate::{MariaDbServer, PostgresServer, RedisServer};

/// A store of any kind.
pub type TestStore = Arc<dyn Store>;

/// What must live as long as a store: a folder, a server.
pub type Kept = Box<dyn Any + Send>;

/// A fresh [`MemoryStore`].
pub async fn memory() -> (TestStore, Kept) {
    (Arc::new(MemoryStore::new()), Box::new(()))
}

/// A fresh [`SqliteStore`], in a file.
pub async fn sqlite() -> (TestStore, Kept) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("sessions.db")).await.unwrap();
    (Arc::new(store), Box::new(dir))
}

/// A fresh [`ObjectStore`], in files.
pub async fn objects() -> (TestStore, Kept) {
    let dir = folder();
    let store = ObjectStore::open(dir.path()).await.unwrap();
    (Arc::new(store), Box::new(dir))
}

/// A fresh [`RedisStore`](session_runtime::RedisStore), in a server of its own.
pub async fn redis() -> (TestStore, Kept) {
    let server = RedisServer::start().await;
    (Arc::new(server.store().await), Box::new(server))
}

/// A fresh [`MySqlStore`], in a database of its own.
pub async fn mysql() -> (TestStore, Kept) {
    let server = MariaDbServer::shared().await;
    (Arc::new(server.store(&fresh_schema()).await), Box::new(server))
}

/// The same with one connection, which a cancelled operation gives back when the server has answered it.
pub async fn mysql_in_line() -> (TestStore, Kept) {
    let server = MariaDbServer::shared().await;
    let pool = MySqlPoolOptions::new().max_connections(1);
    let pool = pool.connect(&server.database(&fresh_schema()).await).await.unwrap();
    (Arc::new(MySqlStore::from_pool(pool).await.unwrap()), Box::new(server))
}

/// A fresh [`PostgresStore`], in a schema of its own.
pub async fn postgres() -> (TestStore, Kept) {
    let server = PostgresServer::shared().await;
    let store = PostgresStore::open_in(&server.url(), &fresh_schema()).await.unwrap();
    (Arc::new(store), Box::new(server))
}

/// The same with one connection, which a cancelled operation gives back when the server has answered it.
pub async fn postgres_in_line() -> (TestStore, Kept) {
    let server = PostgresServer::shared().await;
    let pool = PgPoolOptions::new().max_connections(1).connect(&server.url()).await.unwrap();
    (Arc::new(PostgresStore::from_pool_in(pool, &fresh_schema()).await.unwrap()), Box::new(server))
}

/// A fresh folder, where no disk is waited for if there is such a place.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// The name of a schema, or a database, that no other test of this process has.
pub fn fresh_schema() -> String {
    static NAMED: AtomicUsize = AtomicUsize::new(0);
    format!("test_{}", NAMED.fetch_add(1, Ordering::Relaxed))
}
