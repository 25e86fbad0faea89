use session_runtime::{MemoryStore, SessionData, SessionManager};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
}

fn main() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let _ = sessions.slice::<Auth>().start().set_user(7);
}
