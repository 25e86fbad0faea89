use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    clone: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_clone("t".into()).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
