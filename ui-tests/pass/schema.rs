use session_runtime::{MemoryStore, SessionData, SessionManager};

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
}

fn main() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let session = sessions.start();
    let _ = session.get(&Shop::CART);
    assert!(SessionManager::<Shop>::builder(MemoryStore::new()).build().is_ok());
}
