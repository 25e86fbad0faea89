// errors: 5, because five mistakes are reported together
use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefx = "shop")]
struct Shop {
    #[session(tll = "15m", lazy = true)]
    checkout: Option<String>,
    #[session(default = 3)]
    token: Option<u8>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.checkout().await?;
    session.set_token(3).await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
