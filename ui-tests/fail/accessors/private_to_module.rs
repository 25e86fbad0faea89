use session_runtime::{Session, SessionError};

mod shop {
    use session_runtime::SessionData;

    #[derive(SessionData)]
    pub struct Shop {
        user: Option<u64>,
        pub(self) cart: Vec<String>,
    }
}

use shop::Shop;

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.cart().await?;
    session.set_user(7).await?;
    Ok(())
}

fn main() {}
