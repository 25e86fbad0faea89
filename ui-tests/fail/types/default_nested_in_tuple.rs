use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct Theme(u8);

#[derive(SessionData)]
struct Shop {
    what: (u8, Theme),
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
