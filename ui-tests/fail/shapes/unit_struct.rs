use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop;

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.destroy().await?;
    Ok(())
}

fn main() {}
