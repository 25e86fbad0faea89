use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Site {
    #[session(flatten)]
    auth: Auth,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    site: Site,
    user: Option<String>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.site().auth().set_user(7).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
