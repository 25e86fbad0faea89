use session_runtime::{Session, SessionData, SessionError};

struct OldItem {
    name: String,
}

#[derive(SessionData)]
struct Shop {
    #[session(migrate(Vec<OldItem> => |old| old.into_iter().map(|item| item.name).collect()))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
