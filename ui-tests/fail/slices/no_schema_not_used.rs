use session_runtime::{Session, SessionData, SessionError};

struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
