// errors: 2, because only rustc knows that the types are one, and it compares their keys all the same
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

type Login = Auth;

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: Auth,
    #[session(flatten)]
    login: Login,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
