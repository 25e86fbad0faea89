use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    x: u8,
    set_x: u8,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_x(1).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
