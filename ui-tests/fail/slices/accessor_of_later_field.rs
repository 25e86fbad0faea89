use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "auth")]
struct Prefixed {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    set_user: Prefixed,
    user: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_user().set_user(7).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
