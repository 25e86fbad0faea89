use session_runtime::{Session, SessionData, SessionError};

mod auth {
    use session_runtime::SessionData;

    #[derive(SessionData)]
    pub struct Auth {
        pub user: Option<u64>,
        pub(self) attempts: u8,
    }
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    auth: auth::Auth,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.auth().set_user(7).await?;
    session.auth().set_attempts(0).await
}

fn main() {}
