use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    basket: Vec<String>,
    #[session(alias = "basket")]
    bag: Vec<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.bag().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
