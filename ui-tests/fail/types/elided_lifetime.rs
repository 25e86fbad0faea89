use session_runtime::{Session, SessionData, SessionError};

use std::borrow::Cow;

#[derive(SessionData)]
struct Shop {
    name: Option<Cow<'_, str>>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
