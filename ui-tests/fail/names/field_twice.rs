use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
    #[session(rotate)]
    cart: Option<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    session.set_user(7).await
}

fn main() {}
