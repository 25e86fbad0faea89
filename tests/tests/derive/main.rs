//! What the derive makes of a struct: names, keys, defaults, visibility, and code that is at home in any module.

mod conditional;
mod defaults;
mod generic;
mod keys;
pub mod lints;
mod macros;
mod names;
mod reexport;
mod send;
mod shadowed;
mod visibility;

use session_runtime::{MemoryStore, Session, SessionData, SessionManager};

/// A new session, in memory.
fn session<T: SessionData>() -> Session<T> {
    SessionManager::new(MemoryStore::new()).start()
}
