//! Releases of one schema, `Shop`, each with what it changed.

use serde::{Deserialize, Serialize};

macro_rules! releases {
    ($($(#[$meta:meta])* $release:ident { $($fields:tt)* })*) => {
        $(pub(crate) mod $release {
            #[allow(unused_imports, reason = "not each release has each type")]
            use super::*;

            $(#[$meta])*
            #[derive(session_runtime::SessionData)]
            pub(crate) struct Shop {
                $($fields)*
            }
        })*

        pub(crate) fn assert_schema_of(release: &str, file: &str) {
            match release {
                $(stringify!($release) => session_runtime::assert_schema!($release::Shop, file),)*
                other => panic!("no release {other}"),
            }
        }
    };
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Item {
    sku: String,
    quantity: u32,
}

/// What an `Item` became.
#[derive(Serialize, Deserialize)]
pub(crate) struct Priced {
    sku: String,
    quantity: u32,
    price: u64,
}

/// What a `Priced` became.
#[derive(Serialize, Deserialize)]
pub(crate) struct Taxed {
    sku: String,
    quantity: u32,
    price: u64,
    tax: u8,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct UserId(u64);

/// A slice with the keys that `first` has.
#[derive(session_runtime::SessionData)]
pub(crate) struct Auth {
    #[session(rotate)]
    user: Option<u64>,
}

/// The same with a prefix.
#[derive(session_runtime::SessionData)]
#[session(prefix = "auth")]
pub(crate) struct Prefixed {
    #[session(rotate)]
    user: Option<u64>,
}

/// The same with what the prefix needs.
#[derive(session_runtime::SessionData)]
#[session(prefix = "auth")]
pub(crate) struct PrefixedWithAlias {
    #[session(rotate, alias = "user")]
    user: Option<u64>,
}

pub(crate) fn price(Item { sku, quantity }: Item) -> Priced {
    Priced { sku, quantity, price: 0 }
}

pub(crate) fn prices(items: Vec<Item>) -> Vec<Priced> {
    items.into_iter().map(price).collect()
}

pub(crate) fn taxes(items: Vec<Priced>) -> Vec<Taxed> {
    items.into_iter().map(|Priced { sku, quantity, price }| Taxed { sku, quantity, price, tax: 0 }).collect()
}

releases! {
    first {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
    }
    reordered {
        cart: Vec<Item>,
        #[session(rotate)]
        user: Option<u64>,
    }
    with_other_words {
        #[session(rotate, rename = "user")]
        customer: Option<UserId>,
        #[session(default, codec = "bincode", version = 1, on_mismatch = "error")]
        cart: std::collections::VecDeque<Item>,
    }
    in_a_slice {
        #[session(flatten)]
        auth: Auth,
        cart: Vec<Item>,
    }
    in_a_slice_with_prefix {
        #[session(flatten)]
        auth: Prefixed,
        cart: Vec<Item>,
    }
    in_a_slice_with_prefix_and_alias {
        #[session(flatten)]
        auth: PrefixedWithAlias,
        cart: Vec<Item>,
    }
    with_note {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
        note: Option<String>,
    }
    without_user {
        cart: Vec<Item>,
    }
    renamed {
        #[session(rotate)]
        user: Option<u64>,
        basket: Vec<Item>,
    }
    renamed_with_alias {
        #[session(rotate)]
        user: Option<u64>,
        #[session(alias = "cart")]
        basket: Vec<Item>,
    }
    renamed_and_priced {
        #[session(rotate)]
        user: Option<u64>,
        #[session(alias = "cart")]
        basket: Vec<Priced>,
    }
    renamed_and_migrated {
        #[session(rotate)]
        user: Option<u64>,
        #[session(migrate(Vec<Item> => prices))]
        basket: Vec<Priced>,
    }
    priced {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Priced>,
    }
    migrated {
        #[session(rotate)]
        user: Option<u64>,
        #[session(migrate(Vec<Item> => prices))]
        cart: Vec<Priced>,
    }
    migrated_twice {
        #[session(rotate)]
        user: Option<u64>,
        #[session(migrate(Vec<Item> => prices, Vec<Priced> => taxes))]
        cart: Vec<Taxed>,
    }
    migrated_once_too_few {
        #[session(rotate)]
        user: Option<u64>,
        #[session(migrate(Vec<Priced> => taxes))]
        cart: Vec<Taxed>,
    }
    priced_or_absent {
        #[session(rotate)]
        user: Option<u64>,
        #[session(on_mismatch = "default")]
        cart: Vec<Priced>,
    }
    versioned {
        #[session(rotate)]
        user: Option<u64>,
        #[session(version = 2)]
        cart: Vec<Item>,
    }
    versioned_and_migrated {
        #[session(rotate)]
        user: Option<u64>,
        #[session(version = 2, migrate(Vec<Item> => std::convert::identity, version = 1))]
        cart: Vec<Item>,
    }
    json {
        #[session(rotate)]
        user: Option<u64>,
        #[session(codec = "json")]
        cart: Vec<Item>,
    }
    json_and_migrated {
        #[session(rotate)]
        user: Option<u64>,
        #[session(codec = "json", migrate(Vec<Item> => prices))]
        cart: Vec<Priced>,
    }
    with_ttl {
        #[session(rotate)]
        user: Option<u64>,
        #[session(ttl = "15m")]
        cart: Vec<Item>,
    }
    lazy {
        #[session(rotate)]
        user: Option<u64>,
        #[session(lazy)]
        cart: Vec<Item>,
    }
    not_rotating {
        user: Option<u64>,
        cart: Vec<Item>,
    }
    much_changed {
        note: Option<String>,
        #[session(version = 3)]
        cart: Vec<Priced>,
        seen: Option<u64>,
    }
    with_numbered_note {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
        note: Option<u64>,
    }
    with_measured_note {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
        #[session(migrate(String => |note| note.len() as u64))]
        note: Option<u64>,
    }
    with_tolerant_note {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
        #[session(on_mismatch = "default")]
        note: Option<u64>,
    }
    with_theme {
        #[session(rotate)]
        user: Option<u64>,
        cart: Vec<Item>,
        #[session(on_mismatch = "default")]
        theme: Option<u8>,
    }
    count {
        count: Option<u32>,
    }
    migrated_count {
        #[session(version = 3, migrate(u32 => |old| old.to_string()))]
        count: Option<String>,
    }
    count_by_version {
        #[session(version = 3, migrate(
            u32 => |old| old.to_string(), version = 1,
            u32 => |old| format!("{old}."), version = 2,
            u32 => |old| format!("{old}!"), version = 3,
        ))]
        count: Option<String>,
    }
    count_of_version_one {
        #[session(version = 3, migrate(u32 => |old| old.to_string(), version = 1))]
        count: Option<String>,
    }
    count_of_version_three {
        #[session(version = 3, migrate(u32 => |old| old.to_string(), version = 3))]
        count: Option<String>,
    }
    count_once_more {
        #[session(version = 4, migrate(u32 => |old| old.to_string(), String => std::convert::identity))]
        count: Option<String>,
    }
    hash {
        #[session(rename = "#cart")]
        cart: Vec<Item>,
    }
    hash_priced {
        #[session(rename = "#cart")]
        cart: Vec<Priced>,
    }
    hash_aliased {
        #[session(rename = "#basket", alias = "#cart")]
        cart: Vec<Item>,
    }
    indented {
        #[session(rename = "    a")]
        a: Vec<Item>,
        #[session(rename = "    b")]
        b: Vec<Item>,
    }
    indented_priced {
        #[session(rename = "    a")]
        a: Vec<Item>,
        #[session(rename = "    b")]
        b: Vec<Priced>,
    }
    lines {
        #[session(rename = "cart\nshape x\"")]
        cart: Vec<Item>,
    }
    lines_priced {
        #[session(rename = "cart\nshape x\"")]
        cart: Vec<Priced>,
    }
    mark_of_a_merge {
        #[session(rename = "=======")]
        cart: Vec<Item>,
    }
    hash_renamed {
        #[session(rename = "#basket")]
        cart: Vec<Item>,
    }
    cart_number {
        #[session(rotate)]
        user: Option<u64>,
        cart: Option<u64>,
    }
    swapped {
        #[session(rotate, alias = "cart")]
        user: Option<u64>,
    }
    without_cart {
        #[session(rotate)]
        user: Option<u64>,
    }
}
