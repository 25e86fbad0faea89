use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct Theme(u8);

#[derive(SessionData)]
struct Shop {
    theme: Theme,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_theme(Theme(1)).await?;
    session.theme().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
