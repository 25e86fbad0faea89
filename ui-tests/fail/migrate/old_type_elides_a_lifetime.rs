use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    #[session(migrate(Vec<&str> => |old| old.into_iter().map(str::to_owned).collect()))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
