use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
enum Shop {
    Open { cart: Vec<String> },
    Closed,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.destroy().await?;
    Ok(())
}

fn main() {}
