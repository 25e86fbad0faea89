use session_runtime::{Session, SessionData, SessionError};

const CURRENT: u32 = 2;

#[derive(SessionData)]
struct Shop {
    #[session(version = CURRENT)]
    checkout: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.checkout().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
