// errors: 4, because a struct without a size is no schema, and the session of none has no accessors
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    cart: Vec<String>,
    items: [String],
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
