use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    #[session(flatten)]
    auth: Auth,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.set_cart(vec!["apple".into()]).await
}

fn main() {}
