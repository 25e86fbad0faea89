//! One session in memory, as the programs that share its store see it, and its bytes.

use std::error::Error;
use std::fmt::Debug;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use session_runtime::record::{Basis, ChangeSet, Expiry, Guard, Outcome, Revision, Select, SetField};
use session_runtime::{MemoryStore, Session, SessionData, SessionError, SessionManager, Store as _, Token};

/// What the values of these tests can do.
pub(crate) trait Storable:
    Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static
{
}

impl<V: Clone + Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static> Storable for V {}

/// A field of any type, beside another.
#[derive(Debug, SessionData)]
pub(crate) struct Kept<V> {
    pub(crate) value: Option<V>,
    pub(crate) other: u64,
}

/// The same, in JSON.
#[derive(Debug, SessionData)]
pub(crate) struct KeptAsJson<V> {
    #[session(codec = "json")]
    pub(crate) value: Option<V>,
    #[session(codec = "json")]
    pub(crate) other: u64,
}

/// A session that is stored, with no field of any other schema.
#[derive(Debug)]
pub(crate) struct Stored {
    store: Arc<MemoryStore>,
    token: Token,
}

#[derive(SessionData)]
struct Beginning {
    begun: bool,
}

impl Stored {
    pub(crate) async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let session = SessionManager::<Beginning>::new(store.clone()).start();
        session.set_begun(true).await.unwrap();
        Self { store, token: session.token().unwrap() }
    }

    /// The session, as a program with this schema sees it.
    pub(crate) async fn open<T: SessionData>(&self) -> Session<T> {
        SessionManager::new(self.store.clone()).open(&self.token).await.unwrap().unwrap()
    }

    /// What is stored under this key.
    pub(crate) async fn bytes(&self, key: &'static str) -> Option<Arc<[u8]>> {
        let record = self.store.load(self.token.id(), &[Select { key, value: true }], None).await.unwrap().unwrap();
        let [field] = <[_; 1]>::try_from(record.fields).unwrap();
        field.map(|field| field.value.unwrap())
    }

    /// Stores these bytes under this key, whatever they are.
    pub(crate) async fn put(&self, key: &'static str, bytes: impl Into<Arc<[u8]>>) {
        let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
        let (value, revision) = (Some(bytes.into()), Revision::random());
        changes.set.push(SetField { key, value, revision, expiry: Expiry::Never });
        let outcome = self.store.commit(self.token.id(), &changes, None).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }
}

/// An error with all that is behind it.
pub(crate) fn text(error: &SessionError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
