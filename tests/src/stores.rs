//! Fresh stores.

use std::any::Any;
use std::sync::Arc;

use session_runtime::{MemoryStore, SqliteStore, Store};

use crate::RedisServer;

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

/// A fresh [`RedisStore`](session_runtime::RedisStore), in a server of its own.
pub async fn redis() -> (TestStore, Kept) {
    let server = RedisServer::start().await;
    (Arc::new(server.store().await), Box::new(server))
}
