use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    what: str,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
