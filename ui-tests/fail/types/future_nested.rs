use session_runtime::{Session, SessionData, SessionError};

use std::pin::Pin;

#[derive(SessionData)]
struct Shop {
    what: Vec<Option<Pin<Box<dyn Future<Output = ()> + Send>>>>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
