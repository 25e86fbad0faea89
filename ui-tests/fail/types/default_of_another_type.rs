use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    #[session(default = "dark")]
    theme: u8,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_theme(1).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
