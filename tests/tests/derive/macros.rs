//! Structs that a `macro_rules!` macro makes.

use session_runtime::{SessionData, SessionError};

macro_rules! schema {
    ($name:ident { $($field:ident: $ty:ty = $key:literal, $default:expr, $ttl:expr;)* }) => {
        #[derive(SessionData)]
        struct $name {
            $(
                #[session(rename = $key, default = $default, ttl = $ttl)]
                $field: $ty,
            )*
        }
    };
}

macro_rules! optional {
    ($vis:vis $name:ident, $prefix:literal { $($field:ident: $ty:ty = $key:literal;)* }) => {
        #[derive(SessionData)]
        #[session(prefix = $prefix, crate = $crate::reexport::sessions)]
        $vis struct $name {
            $(
                #[session(rename = $key)]
                $field: $ty,
            )*
        }
    };
}

schema!(Defaulted { count: u8 = "number", 1 + 2, "15m"; words: Vec<String> = "w", vec!["a".into()], "1h 30m"; });
optional!(Optional, "shop" { count: Option<u8> = "number"; });

#[tokio::test]
async fn values_may_come_from_the_macro() -> Result<(), SessionError> {
    let session = super::session::<Defaulted>();
    assert_eq!((session.count().await?, session.words().await?), (3, vec!["a".to_owned()]));
    assert_eq!((Defaulted::COUNT.key(), Defaulted::WORDS.key()), ("number", "w"));
    Ok(())
}

#[tokio::test]
async fn an_option_that_was_passed_on_is_one() -> Result<(), SessionError> {
    let session = super::session::<Optional>();
    session.set_count(3).await?;
    assert_eq!(session.keys().await?, ["shop.number"]);
    session.update_count(|count| *count = None).await?;
    assert_eq!(session.count().await?, None);
    Ok(())
}

/// A whole module, with names of its own.
macro_rules! module {
    ($module:ident) => {
        mod $module {
            #[derive(session_runtime::SessionData)]
            pub(super) struct Shop {
                cart: Vec<u8>,
            }
        }
    };
}

module!(first);
module!(second);

#[test]
fn two_modules_do_not_meet() {
    assert_eq!(first::Shop::CART.key(), second::Shop::CART.key());
}
