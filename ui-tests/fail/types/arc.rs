use session_runtime::{Session, SessionData, SessionError};

use std::sync::Arc;

#[derive(SessionData)]
struct Shop {
    what: Arc<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
