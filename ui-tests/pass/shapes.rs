use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Empty {}

async fn handler(session: Session<Empty>) -> Result<(), SessionError> {
    session.destroy().await
}

fn main() {
    let _ = handler;
}
