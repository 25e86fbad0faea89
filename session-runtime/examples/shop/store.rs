//! Where the sessions are kept: the one place that a change of store touches.

use std::pin::Pin;
use std::sync::Arc;

use session_runtime::{MemoryStore, SqliteStore, Store, StoreError};

use crate::error::StartError;

/// A store, and what closes it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) close: Pin<Box<dyn Future<Output = ()> + Send>>,
    /// For people to read, without a password.
    pub(crate) place: String,
}

/// Opens the store that is at this place: a URL, `memory`, or else a file of SQLite's.
pub(crate) async fn open(place: &str) -> Result<Opened, StartError> {
    match place.split_once("://").map_or(place, |(scheme, _)| scheme) {
        "memory" => Ok(opened(MemoryStore::new(), "memory, until the shop closes", async {})),
        #[cfg(feature = "opendal")]
        "files" => {
            let folder = place.trim_start_matches("files://");
            Ok(opened(session_runtime::ObjectStore::open(folder).await?, folder, async {}))
        }
        #[cfg(feature = "redis")]
        "redis" => Ok(opened(session_runtime::RedisStore::open(place).await?, "Redis", async {})),
        #[cfg(feature = "postgres")]
        "postgres" | "postgresql" => {
            let store = session_runtime::PostgresStore::open(place).await?;
            let closing = store.clone();
            Ok(opened(store, "PostgreSQL", async move { closing.close().await }))
        }
        #[cfg(feature = "mysql")]
        "mysql" => {
            let store = session_runtime::MySqlStore::open(place).await?;
            let closing = store.clone();
            Ok(opened(store, "MySQL", async move { closing.close().await }))
        }
        scheme if scheme != place => Err(StartError::NoSuchStore { scheme: scheme.to_owned() }),
        _ => Ok(in_file(place).await?),
    }
}

async fn in_file(path: &str) -> Result<Opened, StoreError> {
    let store = SqliteStore::open(path).await?;
    let closing = store.clone();
    let absolute = std::path::absolute(path).map_or_else(|_| path.to_owned(), |path| path.display().to_string());
    Ok(opened(store, absolute, async move { closing.close().await }))
}

fn opened(store: impl Store, place: impl Into<String>, close: impl Future<Output = ()> + Send + 'static) -> Opened {
    Opened { store: Arc::new(store), close: Box::pin(close), place: place.into() }
}
