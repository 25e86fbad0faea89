//! Modules where no name means what it usually does.

/// Nothing is imported, and what generated code could rely on is something else.
#[no_implicit_prelude]
mod without_prelude {
    #![allow(dead_code, non_camel_case_types)]

    mod core {}
    mod std {}
    mod session_runtime {}
    mod serde {}
    struct Option;
    struct Result;
    struct Vec;
    struct String;
    struct Some;
    struct None;
    struct Ok;
    struct Err;
    struct Box;
    struct Field;
    struct Session;
    struct Set;
    struct Handle;
    trait Clone {}
    trait Default {}
    trait Send {}
    trait Sync {}
    trait FnMut {}
    trait Debug {}
    trait Value {}
    trait SessionData {}

    /// Every kind of field.
    #[derive(::session_runtime::SessionData)]
    #[session(prefix = "shop")]
    pub(super) struct Shop {
        #[session(rotate, ttl = "15m", alias = "customer")]
        user: ::std::option::Option<u64>,
        cart: ::std::vec::Vec<u8>,
        #[session(default = 3, lazy)]
        count: u8,
    }

    /// With a parameter.
    #[derive(::session_runtime::SessionData)]
    pub(super) struct Generic<T> {
        last: ::std::option::Option<T>,
        all: ::std::vec::Vec<T>,
    }
}

use session_runtime::SessionError;

#[tokio::test]
async fn generated_code_names_everything_in_full() -> Result<(), SessionError> {
    let session = super::session::<without_prelude::Shop>();
    session.set_user(7).await?;
    session.update_cart(|cart| cart.push(1)).await?;
    assert_eq!((session.user().await?, session.cart().await?, session.count().await?), (Some(7), vec![1], 3));
    session.snapshot().await?;
    super::session::<without_prelude::Generic<u8>>().set_last(3).await
}
