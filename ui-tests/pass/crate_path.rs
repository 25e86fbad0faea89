//! Every attribute where the crate has another name.

mod my {
    pub mod sessions {
        pub use session_runtime::*;
    }
}

/// What the derive would name without `crate = …`.
mod shadow {
    pub mod session_runtime {}

    use crate::my::sessions::{Session, SessionData, SessionError};

    #[derive(serde::Serialize, serde::Deserialize)]
    struct OldCart(Vec<String>);

    fn upgrade(old: OldCart) -> Vec<String> {
        old.0
    }

    #[derive(SessionData)]
    #[session(crate = crate::my::sessions)]
    pub struct Auth<T> {
        #[session(rotate, codec = "json")]
        user: Option<T>,
    }

    #[derive(SessionData)]
    #[session(crate = crate::my::sessions, prefix = "shop")]
    pub struct Shop {
        #[session(flatten)]
        auth: Auth<u64>,
        #[session(version = 2, migrate(OldCart => upgrade, String => |old| vec![old], version = 1))]
        cart: Vec<String>,
        #[session(default = 3, ttl = "1h", lazy, rename = "counted", alias = "number", on_mismatch = "default")]
        count: u8,
    }

    pub async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
        session.auth().set_user(7).await?;
        session.update_cart(|cart| cart.push("apple".into())).await?;
        session.set_count(session.count().await?).await
    }
}

fn main() {
    let _ = shadow::handler;
}
