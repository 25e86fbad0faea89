//! What the sessions hold, the same in every application.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

use serde::{Deserialize, Serialize};

/// A line of the cart: 80 bytes of JSON, so that a cart of 100 has 8 kB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Names the article.
    pub sku: u64,
    /// What it is called.
    pub name: String,
    /// What one costs.
    pub cents: u64,
    /// How many.
    pub quantity: u64,
}

/// Who signs in, everywhere.
pub const USER: u64 = 4711;

/// How many items the cart of a full session has: 8 kB.
pub const FULL: usize = 100;

/// How many items the cart of a small session has: 1 kB.
pub const SMALL: usize = 12;

/// A cart of that many items.
pub fn cart(items: usize) -> Vec<Item> {
    let item = |at: u64| Item {
        sku: 100_000 + at,
        name: format!("article number {at:05} of these"),
        cents: 1_000 + at,
        quantity: 1,
    };
    (0..items as u64).map(item).collect()
}

/// What everything in the cart costs.
pub fn total(cart: &[Item]) -> u64 {
    cart.iter().map(|item| item.cents * item.quantity).sum()
}

/// What reading everything answers.
pub fn everything(user: Option<u64>, counter: u64, cart: &[Item]) -> String {
    (user.unwrap_or_default() + counter + total(cart)).to_string()
}

/// A value for the counter that it did not have before: setting what is there already is no work for some.
pub fn fresh() -> u64 {
    static LAST: AtomicU64 = AtomicU64::new(1_000_000);
    LAST.fetch_add(1, Relaxed)
}

/// How many bytes the note has that is set.
static NOTE: AtomicUsize = AtomicUsize::new(0);

/// From now on notes have that many bytes.
pub fn set_note_size(bytes: usize) {
    NOTE.store(bytes, Relaxed);
}

/// How many bytes a note has.
pub fn note_size() -> u64 {
    NOTE.load(Relaxed) as u64
}

/// A note.
pub fn note() -> String {
    "n".repeat(NOTE.load(Relaxed))
}
