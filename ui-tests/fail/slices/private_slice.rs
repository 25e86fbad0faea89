use session_runtime::{Session, SessionError};

mod shop {
    use session_runtime::SessionData;

    #[derive(SessionData)]
    pub struct Auth {
        pub user: Option<u64>,
    }

    #[derive(SessionData)]
    pub struct Shop {
        #[session(flatten)]
        pub(self) auth: Auth,
        pub cart: Vec<String>,
    }
}

async fn handler(session: Session<shop::Shop>) -> Result<(), SessionError> {
    session.set_cart(Vec::new()).await?;
    session.auth().set_user(7).await
}

fn main() {}
