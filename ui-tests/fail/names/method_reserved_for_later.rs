use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    csrf_token: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_csrf_token("t".into()).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
