// errors: 2, because rustc says it again, without its help, for the generated code
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    items: Vec<LineItem>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.items().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
