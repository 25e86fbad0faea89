// errors: 2, because there is no accessor either
use session_runtime::{Session, SessionError};

struct Shop {
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    Ok(())
}

fn main() {}
