// errors: 2, because rustc reports both the second constant and the use of either
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

impl Shop {
    const CART: u8 = 3;
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
