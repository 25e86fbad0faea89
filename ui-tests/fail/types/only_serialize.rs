use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize)]
struct LineItem;

#[derive(SessionData)]
struct Shop {
    last: Option<LineItem>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_last(LineItem).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
