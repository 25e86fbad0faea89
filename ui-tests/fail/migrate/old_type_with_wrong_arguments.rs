use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCart {
    items: Vec<String>,
}

#[derive(SessionData)]
struct Shop {
    #[session(migrate(OldCart<u8> => |old| old.items))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
