//! What the tests share: a schema, a web site on loopback, visitors with cookies, and each test on each store.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a failed unwrap is a failed test")]

mod around;
mod browser;
mod events;
pub mod history;
mod jar;
mod secrets;
mod servers;
mod site;
mod stores;
mod wire;

pub use around::{Around, Happens};
pub use browser::{Answer, Browser, Tokens};
pub use events::Events;
pub use jar::Jar;
pub use secrets::{find_secret, has_any, secret};
pub use servers::{MariaDbServer, PostgresServer, RedisServer, S3Server, ServerClock, SmallDisk, client};
pub use site::{Reply, Site, Visitor, forged_token};
pub use stores::{
    Kept, TestStore, folder, fresh_schema, memory, mysql, mysql_in_line, objects, on_disk, postgres, postgres_in_line,
    redis, sqlite,
};

pub use wire::{Said, Wire};

use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

/// The colours of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Theme {
    /// Dark on light.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

/// The session data of most tests: one field of each kind.
#[derive(Clone, Debug, PartialEq, Eq, SessionData)]
pub struct Shop {
    /// Who is signed in.
    #[session(rotate)]
    pub user: Option<u64>,
    /// What is in the cart.
    pub cart: Vec<String>,
    /// A form that is being filled in.
    #[session(ttl = "15m")]
    pub checkout: Option<String>,
    /// The colours.
    #[session(default = Theme::Dark)]
    pub theme: Theme,
    /// A long list.
    #[session(lazy)]
    pub history: Vec<u32>,
    /// A number that is counted up.
    pub count: u64,
    /// A message to be shown once.
    pub flash: Option<String>,
}

/// Makes each test run on each store, in a module of the store's name. A test that takes a second argument gets the [`Kept`] of
/// its store there. With `in_line;` in front, what a cancelled operation has sent arrives before what is sent next, on each of
/// them.
#[macro_export]
macro_rules! on_each_store {
    (in_line; $($tests:tt)*) => {
        $crate::on_each_store!(@all mysql_in_line postgres_in_line; $($tests)*);
    };
    (@all $mysql:ident $postgres:ident; $($(#[$meta:meta])* async fn $name:ident($store:ident $(, $kept:ident)?) $body:block)*) => {
        $crate::on_each_store!(@on memory memory; $($(#[$meta])* async fn $name($store $(, $kept)?) $body)*);
        $crate::on_each_store!(@on sqlite sqlite; $($(#[$meta])* async fn $name($store $(, $kept)?) $body)*);
        $crate::on_each_store!(@on objects objects; $($(#[$meta])* async fn $name($store $(, $kept)?) $body)*);
        $crate::on_each_store!(@on mysql $mysql; $(
            $(#[$meta])*
            #[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
            async fn $name($store $(, $kept)?) $body
        )*);
        $crate::on_each_store!(@on postgres $postgres; $(
            $(#[$meta])*
            #[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
            async fn $name($store $(, $kept)?) $body
        )*);
        $crate::on_each_store!(@on redis redis; $(
            $(#[$meta])*
            #[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
            async fn $name($store $(, $kept)?) $body
        )*);
    };
    (@on $module:ident $make:ident; $($(#[$meta:meta])* async fn $name:ident($store:ident $(, $kept:ident)?) $body:block)*) => {
        mod $module {
            use super::*;

            $(
                $(#[$meta])*
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    let ($store, _kept) = $crate::$make().await;
                    $(let $kept = &_kept;)?
                    $body
                }
            )*
        }
    };
    ($($tests:tt)*) => {
        $crate::on_each_store!(@all mysql postgres; $($tests)*);
    };
}
