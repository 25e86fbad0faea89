use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let count: u32 = session.cart().await?;
    session.set_cart(vec!["apple".into()]).await?;
    let _ = count;
    Ok(())
}

fn main() {}
