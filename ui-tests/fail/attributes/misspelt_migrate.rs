use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCheckout(String);

#[derive(SessionData)]
struct Shop {
    #[session(migrat(OldCheckout => |old| old.0, u8 => |old| old.to_string()))]
    checkout: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.checkout().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
