use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    #[session(migrate(Vec<String> => |old| old))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
