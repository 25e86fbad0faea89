// errors: 10, because ten attributes are none of a slice
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten, ttl = "1h", rename = "a", default, lazy, rotate, alias = "b")]
    #[session(codec = "json", version = 2, migrate(OldAuth => |old| old.0), on_mismatch = "default")]
    auth: Auth,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
