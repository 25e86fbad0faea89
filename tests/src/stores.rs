//! Fresh stores.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use session_runtime::{MemoryStore, MySqlStore, ObjectStore, PostgresStore, SqliteStore, Store, TableNames};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;

use crate::servers::files;
use crate::{MariaDbServer, PostgresServer, RedisServer};

/// A store of any kind.
pub type TestStore = Arc<dyn Store>;

/// What must live as long as a store: a folder, a server. Can be read behind the store's back.
#[derive(Debug)]
pub enum Kept {
    /// The store itself.
    Memory(Arc<MemoryStore>),
    /// The folder of a database.
    Sqlite(TempDir),
    /// The folder of objects.
    Objects(TempDir),
    /// A server of the store's own.
    Redis(RedisServer),
    /// A server, and the database in it.
    MySql(Arc<MariaDbServer>, String),
    /// A server, and the schema in it.
    Postgres(Arc<PostgresServer>, String),
}

impl Kept {
    /// All that the store has put there: of the servers' tables their rows, else every byte. What a [`MemoryStore`] shows of
    /// itself.
    pub async fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Memory(store) => format!("{store:?}").into_bytes(),
            Self::Sqlite(dir) | Self::Objects(dir) => files::contents(dir.path()),
            Self::Redis(server) => server.bytes(),
            Self::MySql(server, database) => server.rows(database).await,
            Self::Postgres(server, schema) => server.rows(schema).await,
        }
    }

    /// The same, and all that the store's server has on disk: logs, and what it would be repaired from.
    pub async fn all_bytes(&self) -> Vec<u8> {
        let more = match self {
            Self::MySql(server, _) => server.files().await,
            Self::Postgres(server, _) => server.files().await,
            Self::Memory(_) | Self::Sqlite(_) | Self::Objects(_) | Self::Redis(_) => Vec::new(),
        };
        [self.bytes().await, more].concat()
    }
}

/// A fresh [`MemoryStore`].
pub async fn memory() -> (TestStore, Kept) {
    let store = Arc::new(MemoryStore::new());
    (store.clone(), Kept::Memory(store))
}

/// A fresh [`SqliteStore`], in a file.
pub async fn sqlite() -> (TestStore, Kept) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("sessions.db")).await.unwrap();
    (Arc::new(store), Kept::Sqlite(dir))
}

/// A fresh [`ObjectStore`], in files.
pub async fn objects() -> (TestStore, Kept) {
    let dir = folder();
    let store = ObjectStore::open(dir.path()).await.unwrap();
    (Arc::new(store), Kept::Objects(dir))
}

/// A fresh [`RedisStore`](session_runtime::RedisStore), in a server of its own.
pub async fn redis() -> (TestStore, Kept) {
    let server = RedisServer::start().await;
    (Arc::new(server.store().await), Kept::Redis(server))
}

/// A fresh [`MySqlStore`], in a database of its own.
pub async fn mysql() -> (TestStore, Kept) {
    let (server, database) = (MariaDbServer::shared().await, fresh_schema());
    (Arc::new(server.store(&database).await), Kept::MySql(server, database))
}

/// The same with one connection, which a cancelled operation gives back when the server has answered it.
pub async fn mysql_in_line() -> (TestStore, Kept) {
    let (server, database) = (MariaDbServer::shared().await, fresh_schema());
    let pool = MySqlPoolOptions::new().max_connections(1);
    let pool = pool.connect(&server.database(&database).await).await.unwrap();
    (Arc::new(MySqlStore::from_pool(pool).await.unwrap()), Kept::MySql(server, database))
}

/// A fresh [`PostgresStore`], in a schema of its own.
pub async fn postgres() -> (TestStore, Kept) {
    let (server, schema) = (PostgresServer::shared().await, fresh_schema());
    (Arc::new(server.store_in(&schema).await), Kept::Postgres(server, schema))
}

/// The same with one connection, which a cancelled operation gives back when the server has answered it.
pub async fn postgres_in_line() -> (TestStore, Kept) {
    let (server, schema) = (PostgresServer::shared().await, fresh_schema());
    let pool = PgPoolOptions::new().max_connections(1).connect(&server.url()).await.unwrap();
    let names = TableNames::new().in_schema(&schema).unwrap();
    (Arc::new(PostgresStore::from_pool_named(pool, &names).await.unwrap()), Kept::Postgres(server, schema))
}

/// What is on this machine's disk: the objects in a folder, or a database.
pub async fn on_disk(path: &Path) -> TestStore {
    match path.is_dir() {
        true => Arc::new(ObjectStore::open(path).await.unwrap()),
        false => Arc::new(SqliteStore::open(path).await.unwrap()),
    }
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
