use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

#[derive(SessionData)]
struct Other {
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.get(&Other::USER).await?;
    session.get(&Shop::USER).await?;
    Ok(())
}

fn main() {}
