//! What becomes of stored values when their types change, of types that a codec can't read back, and of bytes that nobody
//! wrote.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod changes;
mod evolution;
mod golden;
mod hostile;
mod lossy;
mod stored;
mod unreadable;
