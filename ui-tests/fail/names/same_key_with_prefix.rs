use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "shop")]
struct Shop {
    #[session(rename = "b")]
    basket: Vec<String>,
    #[session(alias = "shop.b")]
    bag: Vec<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.bag().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
