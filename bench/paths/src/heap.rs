//! What a session takes in the memory store, beside its encoded values.

use std::process::ExitCode;
use std::sync::Arc;

use session_runtime::record::Select;
use session_runtime::{MemoryStore, SessionManager, Store as _};

use crate::app::{self, Shop};
use crate::count;

const FEW: usize = 500;
const MORE: usize = 5_000;

/// What it may take beside the encoded values: for itself, and for each of its fields.
const SESSION: usize = 200;
const FIELD: usize = 80;

/// Prints it, and fails where it is more than it may be.
pub fn check() -> ExitCode {
    let [few, many] = [FEW, FEW + MORE].map(|sessions| {
        let arguments = ["hold", &sessions.to_string()];
        count::said(&["--tool=memcheck", "--leak-check=no", "--undef-value-errors=no"], &arguments, "in use at exit:")
    });
    let beside = (many - few) / MORE - encoded();
    let most = SESSION + KEYS.len() * FIELD;
    println!("a session of {} fields takes {beside} bytes beside its encoded values; {most} at the most", KEYS.len());
    if beside <= most { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

const KEYS: [&str; 3] = ["user", "counter", "cart"];

/// What is measured: makes so many sessions and ends with all of them held.
pub fn hold(sessions: usize) -> ExitCode {
    crate::runtime().block_on(make(sessions));
    std::process::exit(0)
}

async fn make(sessions: usize) -> Arc<MemoryStore> {
    let store = Arc::new(MemoryStore::new());
    let manager = SessionManager::<Shop>::new(Arc::clone(&store));
    for _ in 0..sessions {
        app::visitor(&manager).await.expect("a session in memory");
    }
    std::mem::forget(manager);
    store
}

/// The bytes of one session's values.
fn encoded() -> usize {
    crate::runtime().block_on(async {
        let store = Arc::new(MemoryStore::new());
        let manager = SessionManager::<Shop>::new(Arc::clone(&store));
        let token = app::visitor(&manager).await.expect("a session in memory");
        let select = KEYS.map(|key| Select { key, value: true });
        let record = store.load(token.id(), &select, None).await.expect("a load").expect("the session");
        record.fields.iter().flatten().filter_map(|entry| entry.value.as_ref()).map(|value| value.len()).sum()
    })
}
