use session_runtime::{Session, SessionData, SessionError};

type Names = Vec<String>;

#[derive(SessionData)]
struct Shop {
    #[session(migrate(Names => |old| old, version = 1))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
