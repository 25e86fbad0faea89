//! What a program does with values that an earlier or a later one wrote: `version`, `migrate`, `on_mismatch`, `alias`, `codec`.

use serde::{Deserialize, Serialize};
use session_runtime::{Session, SessionData, SessionError};

use crate::stored::{Kept, Stored};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct OldLine {
    sku: String,
}

fn line(sku: &str, count: u32) -> Line {
    Line { sku: sku.to_owned(), count }
}

fn counted(old: OldLine) -> Line {
    Line { sku: old.sku, count: 1 }
}

/// A session in which a program with the schema `T` set a field by `set`.
async fn written<T: SessionData>(set: impl AsyncFnOnce(Session<T>) -> Result<(), SessionError>) -> Stored {
    let stored = Stored::new().await;
    set(stored.open().await).await.unwrap();
    stored
}

#[track_caller]
fn assert_refused<V: std::fmt::Debug>(result: Result<V, SessionError>) {
    assert!(matches!(result, Err(SessionError::Schema { .. })), "{result:?}");
}

mod versions;

mod migrations;

mod aliases;

mod mismatches;

mod codecs;

mod structs;
