use session_runtime::{MemoryStore, SessionManager};

struct Shop {
    cart: Vec<String>,
}

fn main() {
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).build();
    let _ = sessions.is_ok();
}
