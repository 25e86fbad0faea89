use session_runtime::{MemoryStore, SessionData, SessionManager};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop<T> {
    #[session(flatten)]
    auth: Auth,
    user: Option<String>,
    last: Option<T>,
}

fn main() {
    let _ = SessionManager::<Shop<u8>>::new(MemoryStore::new()).start();
}
