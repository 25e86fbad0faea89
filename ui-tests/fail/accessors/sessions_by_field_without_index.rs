use session_runtime::{SessionData, SessionError, SessionManager};

#[derive(SessionData)]
struct Shop {
    #[session(index)]
    user: Option<u64>,
    cart: Vec<String>,
}

async fn list(sessions: SessionManager<Shop>) -> Result<(), SessionError> {
    sessions.sessions(&Shop::CART, &vec![]).await?;
    sessions.sessions(&Shop::USER, &7).await?;
    Ok(())
}

fn main() {}
