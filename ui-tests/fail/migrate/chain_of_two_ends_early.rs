use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct OldCart {
    items: Vec<String>,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct OlderCart(Vec<String>);

#[derive(serde::Serialize, serde::Deserialize)]
struct OldestCart(String);

fn first(old: OldestCart) -> OlderCart {
    OlderCart(vec![old.0])
}

fn second(old: OlderCart) -> OldCart {
    OldCart { items: old.0 }
}

#[derive(SessionData)]
struct Shop {
    #[session(migrate(OldestCart => first, OlderCart => second))]
    cart: Vec<String>,
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
