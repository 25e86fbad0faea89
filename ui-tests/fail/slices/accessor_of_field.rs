use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "auth")]
struct Prefixed {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    user: Option<String>,
    #[session(flatten)]
    take_user: Prefixed,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.take_user().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
