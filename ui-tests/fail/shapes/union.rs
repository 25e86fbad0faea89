use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
union Shop {
    user: u64,
    count: u32,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.destroy().await?;
    Ok(())
}

fn main() {}
