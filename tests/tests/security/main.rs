//! The 40 requirements of SECURITY.md: each has tests that are named after its number, over real HTTP with a browser that
//! refuses every cookie it may, on every store. After each of them all that was logged meanwhile and all that is in the store
//! is searched for every secret that a browser had.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

/// Tests on each store, each in a [`World`](crate::world::World) whose secrets are searched for at the end.
macro_rules! requirements {
    ($($(#[$meta:meta])* async fn $name:ident($world:ident) $body:block)*) => {
        session_tests::on_each_store! { $(
            $(#[$meta])*
            async fn $name(store, kept) {
                let $world = $crate::world::World::new(store, kept);
                $body
                $world.kept_its_secrets().await;
            }
        )* }
    };
}

mod cookies;
mod endings;
mod events;
mod forgery;
mod lifetimes;
mod log;
mod responses;
mod sealed;
mod secrecy;
mod table;
mod tokens;
mod values;
mod world;
