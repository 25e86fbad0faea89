// errors: 4, because rustc also finds no size for the session, twice, and no accessor
use session_runtime::{Session, SessionError};

struct Shop {
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    Ok(())
}

fn main() {}
