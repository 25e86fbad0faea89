use session_runtime::{MemoryStore, SessionData, SessionManager};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    cart: Vec<String>,
}

fn routes(sessions: SessionManager<Auth>) {
    let _ = sessions.start().set_user(7);
}

fn main() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    routes(sessions);
}
