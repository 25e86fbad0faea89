use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop(Option<u64>, Vec<String>);

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.destroy().await?;
    Ok(())
}

fn main() {}
