use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    #[session(alias = "basket")]
    basket: Vec<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.basket().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
