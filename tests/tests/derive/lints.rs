//! A documented schema is quiet under every lint that a careful crate turns on.
#![deny(warnings, let_underscore, missing_docs, nonstandard_style, rust_2018_idioms, unused)]
#![deny(missing_debug_implementations, single_use_lifetimes, trivial_casts)]
#![deny(unnameable_types, unreachable_pub, unused_lifetimes, unused_qualifications)]
#![deny(clippy::all, clippy::pedantic, clippy::nursery)]

use serde::{Deserialize, Serialize};
use session_runtime::{SessionData, SessionError};

/// What a visitor has. The types of the values are nobody else's business.
#[derive(Debug, SessionData)]
pub struct Shop {
    /// The signed-in customer.
    #[session(rotate)]
    user: Option<UserId>,
    /// What is in the cart.
    pub cart: Vec<String>,
    #[session(default = Theme::Dark, ttl = "1h")]
    theme: Theme,
}

/// No field at all.
#[derive(Debug, SessionData)]
pub struct Empty {}

#[derive(Debug, Serialize, Deserialize)]
struct UserId(u64);

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Theme {
    Light,
    Dark,
}

/// A schema of before.
#[deprecated]
#[derive(Debug, SessionData)]
pub struct Old {
    /// The signed-in customer.
    user: Option<UserId>,
}

/// One that is written otherwise.
#[allow(non_camel_case_types)]
#[derive(Debug, SessionData)]
pub struct shop_data {
    /// How many.
    count: u8,
}

/// A schema whose fields nobody reads, of a module that nobody else sees.
mod private {
    use session_runtime::SessionData;

    #[derive(SessionData)]
    pub(super) struct Quiet {
        _lead: Option<u8>,
        count: u8,
    }
}

#[tokio::test]
async fn the_lints_are_for_code_that_is_used() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_user(UserId(7)).await?;
    session.set_theme(Theme::Light).await?;
    assert_eq!(session.user().await?.map(|user| user.0), Some(7));
    super::session::<private::Quiet>().destroy().await?;
    super::session::<Empty>().destroy().await
}
