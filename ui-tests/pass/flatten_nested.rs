//! Slices in slices.

use session_runtime::{MemoryStore, Session, SessionData, SessionError, SessionManager};

#[derive(SessionData)]
struct Token {
    bearer: Option<String>,
}

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
    #[session(flatten)]
    token_of_api: Token,
}

#[derive(SessionData)]
struct Site {
    #[session(flatten)]
    auth: Auth,
    language: Option<String>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    site: Site,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.site().auth().token_of_api().set_bearer("t".into()).await?;
    session.slice::<Site>().slice::<Auth>().set_user(7).await?;
    let bearer: Option<String> = session.snapshot().await?.site.auth.token_of_api.bearer;
    session.set_cart(bearer.into_iter().collect()).await
}

fn main() {
    let _ = handler;
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    assert!(sessions.slice::<Site>().slice::<Auth>().start().is_new());
}
