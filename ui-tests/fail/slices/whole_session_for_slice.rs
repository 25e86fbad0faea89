use session_runtime::{Session, SessionData, SessionError};

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

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    sign_in(session.clone()).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

async fn sign_in(session: Session<Auth>) -> Result<(), SessionError> {
    session.set_user(7).await
}

fn main() {}
