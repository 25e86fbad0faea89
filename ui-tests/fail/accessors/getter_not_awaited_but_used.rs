use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let cart: Vec<String> = session.cart();
    session.set_cart(cart).await?;
    Ok(())
}

fn main() {}
