use session_runtime::{Session, SessionData, SessionError};

struct LineItem;

#[derive(SessionData)]
struct Shop {
    items: Vec<Option<LineItem>>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.items().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
