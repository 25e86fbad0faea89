//! Fresh stores.

use std::sync::Arc;

use session_runtime::{MemoryStore, SqliteStore, Store};
use tempfile::TempDir;

/// A store of any kind.
pub type TestStore = Arc<dyn Store>;

/// What must live as long as a store.
pub type Kept = Option<TempDir>;

/// A fresh [`MemoryStore`].
pub async fn memory() -> (TestStore, Kept) {
    (Arc::new(MemoryStore::new()), None)
}

/// A fresh [`SqliteStore`], in a file.
pub async fn sqlite() -> (TestStore, Kept) {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("sessions.db")).await.unwrap();
    (Arc::new(store), Some(dir))
}
