use session_runtime::{Session, SessionData, SessionError};

use std::cell::Cell;

#[derive(SessionData)]
struct Shop {
    what: Cell<u8>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
