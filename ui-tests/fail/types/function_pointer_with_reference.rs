use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    what: Option<fn(&str) -> u8>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
