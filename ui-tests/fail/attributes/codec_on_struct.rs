use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(codec = "json")]
struct Shop {
    checkout: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.checkout().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
