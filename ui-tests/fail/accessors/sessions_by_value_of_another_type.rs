use session_runtime::{SessionData, SessionError, SessionManager};

#[derive(SessionData)]
struct Shop {
    #[session(index)]
    user: Option<u64>,
    cart: Vec<String>,
}

async fn end(sessions: SessionManager<Shop>) -> Result<(), SessionError> {
    sessions.revoke_all(&Shop::USER, &"7").await?;
    sessions.revoke_all(&Shop::USER, &7).await?;
    Ok(())
}

fn main() {}
