use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.update_cart(vec!["apple".into()]).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
