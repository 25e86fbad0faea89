//! `#[cfg]` and `#[deprecated]` on slices and beside migrations.

#![deny(deprecated)]

use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Auth {
    user: Option<u64>,
}

#[derive(SessionData)]
struct Shop {
    #[deprecated = "sign in elsewhere"]
    #[session(flatten)]
    auth: Auth,
    #[cfg(any())]
    #[session(flatten)]
    tracking: TrackingThatIsNotThere,
    #[cfg_attr(all(), session(flatten))]
    #[cfg_attr(any(), session(ttl = "1h"))]
    seen: Seen,
    #[deprecated]
    #[session(version = 2, migrate(u8 => |old| vec![old.to_string()]))]
    #[cfg_attr(any(), session(migrate(TypeThatIsNotThere => upgrade)))]
    cart: Vec<String>,
}

#[derive(SessionData)]
struct Seen {
    #[cfg(all())]
    #[session(codec = "json")]
    pages: Vec<String>,
    #[cfg(any())]
    #[session(codec = "xml")]
    user: Option<u64>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    #[allow(deprecated)]
    session.auth().set_user(7).await?;
    session.seen().set_pages(Vec::new()).await?;
    #[allow(deprecated)]
    session.set_cart(Vec::new()).await
}

fn main() {
    let _ = handler;
}
