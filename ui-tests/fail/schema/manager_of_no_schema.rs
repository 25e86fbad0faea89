use session_runtime::{MemoryStore, SessionManager};

struct Shop {
    cart: Vec<String>,
}

fn main() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let _ = sessions.start();
}
