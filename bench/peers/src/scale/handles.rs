//! Handles that are held open, as those of WebSockets are.

use session_runtime::{MemoryStore, Session, SessionManager};

use super::table;
use crate::apps::ours::eager::Shop;
use crate::table::thousands;

const HANDLES: usize = 10_000;

/// Counts and prints what they hold of the heap: as they were opened, and once they have read a field.
pub(super) fn print() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let tokens: Vec<_> = runtime.block_on(async {
        let mut tokens = Vec::new();
        for _ in 0..HANDLES {
            let session = sessions.start();
            session.set_counter(1).await.expect("memory");
            tokens.push(session.token().expect("a token"));
        }
        tokens
    });
    let mut handles: Vec<Session<Shop>> = Vec::with_capacity(HANDLES);
    let opened = counting::count(|| {
        runtime.block_on(async {
            for token in &tokens {
                handles.push(sessions.open(token).await.expect("memory").expect("the session lives"));
            }
        });
    });
    let read = counting::count(|| {
        runtime.block_on(async {
            for handle in &handles {
                assert_eq!(handle.counter().await.expect("memory"), 1);
            }
        });
    });
    let each = |held: i64| thousands(held as f64 / HANDLES as f64);
    let mut table = table(&["", "heap bytes each, opened", "more once a field was read"]);
    table.line(&[format!("{} handles", thousands(HANDLES as f64)), each(opened.held()), each(read.held())]);
    table.print("Handles that are held open, sessions in memory");
}
