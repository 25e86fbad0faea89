//! An `&` in a length is no reference.

use session_runtime::{MemoryStore, SessionData, SessionManager};

const MASK: usize = 7;

#[derive(SessionData)]
struct Shop {
    buckets: [u8; MASK & 3],
    cart: Vec<String>,
}

fn main() {
    let _ = SessionManager::<Shop>::new(MemoryStore::new()).start().set_buckets([1, 2, 3]);
}
