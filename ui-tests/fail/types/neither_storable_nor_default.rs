// errors: 2, because two derives are missing
use session_runtime::{Session, SessionData, SessionError};

struct Theme(u8);

#[derive(SessionData)]
struct Shop {
    what: Theme,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
