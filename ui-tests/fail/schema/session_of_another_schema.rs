use session_runtime::{MemoryStore, Session, SessionData, SessionManager};

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
}

#[derive(SessionData)]
struct Other {
    cart: Vec<String>,
}

fn main() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let session: Session<Other> = sessions.start();
    let _ = session.set_cart(Vec::new());
}
