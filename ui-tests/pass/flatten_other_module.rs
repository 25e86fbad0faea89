//! The slice of another module keeps its fields to itself.

use session_runtime::{Session, SessionData, SessionError};

mod auth {
    use session_runtime::{Session, SessionData, SessionError};

    #[derive(SessionData)]
    #[session(prefix = "auth")]
    pub struct Auth {
        #[session(rotate)]
        pub(self) user: Option<User>,
        #[session(migrate(Old => |old| old.0), codec = "json")]
        pub(super) attempts: u8,
    }

    #[derive(serde::Serialize, serde::Deserialize)]
    struct User(u64);

    #[derive(serde::Serialize, serde::Deserialize)]
    struct Old(u8);

    pub async fn sign_in(session: &Session<Auth>, user: u64) -> Result<(), SessionError> {
        session.set_user(User(user)).await
    }

    pub mod inner {
        use session_runtime::SessionData;

        #[derive(SessionData)]
        pub(in super::super) struct Seen {
            pub(in super::super) pages: Vec<String>,
        }
    }
}

#[derive(SessionData)]
pub struct Shop {
    #[session(flatten)]
    pub auth: auth::Auth,
    #[session(flatten)]
    seen: self::auth::inner::Seen,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    auth::sign_in(&session.auth(), 7).await?;
    session.auth().set_attempts(0).await?;
    session.seen().update_pages(|pages| pages.push("/".into())).await?;
    session.set_cart(Vec::new()).await
}

fn main() {
    let _ = handler;
}
