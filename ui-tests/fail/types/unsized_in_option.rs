use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
    name: Option<str>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
