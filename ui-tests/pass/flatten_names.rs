//! Slices with names of all kinds.

#![allow(non_snake_case)]

use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "a")]
struct r#Type {
    r#match: Option<u8>,
}

#[derive(SessionData)]
#[session(prefix = "b")]
struct Lead {
    session: Option<u8>,
}

#[derive(SessionData)]
#[session(prefix = "c")]
struct Upper {
    slice_: Option<u8>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    r#type: r#Type,
    #[session(flatten)]
    _lead: Lead,
    #[session(flatten)]
    UPPER: Upper,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.r#type().set_match(1).await?;
    session._lead().set_session(2).await?;
    session.UPPER().set_slice_(3).await?;
    session.set_cart(Vec::new()).await
}

fn main() {
    let _ = handler;
    assert_eq!(r#Type::MATCH.key(), "a.match");
}
