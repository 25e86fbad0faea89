//! A slice of a schema, and all that gives its session.

use session_runtime::{Contains, MemoryStore, Session, SessionData, SessionError, SessionManager};

#[derive(SessionData)]
struct Auth {
    #[session(rotate)]
    user: Option<u64>,
}

#[derive(SessionData)]
struct Tracking {
    seen: Vec<String>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    cart: Vec<String>,
    #[session(flatten)]
    tracking: Tracking,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let auth: Session<Auth> = session.auth();
    auth.set_user(7).await?;
    sign_out(&session).await?;
    session.slice::<Tracking>().update_seen(|seen| seen.push("/".into())).await?;
    let user: Option<u64> = session.snapshot().await?.auth.user;
    session.auth().get(&Auth::USER).await?;
    session.set_cart(vec![format!("{user:?}")]).await
}

async fn sign_out<T: SessionData + Contains<Auth>>(session: &Session<T>) -> Result<(), SessionError> {
    session.slice().remove_user().await
}

fn main() {
    let _ = handler;
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let auth: Session<Auth> = sessions.slice().start();
    let shop: Session<Shop> = sessions.start();
    assert!(auth.id().is_none() && shop.auth().id().is_none());
}
