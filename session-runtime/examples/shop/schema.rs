//! What the shop keeps about a visitor: every session key and its type, in one place.

use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use session_runtime::SessionData;

use crate::cart::Cart;
use crate::catalogue::Money;
use crate::checkout::{Address, Checkout, Delivery};
use crate::visits::Visits;

/// One visitor's session. Each field is loaded, stored and expires on its own.
#[derive(SessionData)]
pub(crate) struct Shop {
    /// The signed-in customer's name. `rotate`: signing in replaces the cookie, so that whoever knew the one
    /// before, or planted it, is left with nothing. `index`: the customer's other sessions are found by it.
    #[session(index, rotate)]
    user: Option<String>,
    /// On what the customer signed in, as they know it.
    device: Option<String>,
    /// What the visitor is about to buy.
    cart: Cart,
    /// What was entered at the checkout. `ttl`: an address is not kept for longer than it takes to order.
    #[session(ttl = "30m")]
    checkout: Option<Checkout>,
    /// The colours that the visitor chose.
    theme: Theme,
    /// A message for the next page.
    flash: Option<Flash>,
    /// When the visitor was here.
    visits: Visits,
    /// What was bought. `lazy`: most pages don't show it, so it is loaded only where it is asked for.
    #[session(lazy)]
    orders: Vec<Order>,
}

/// The page's colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    /// As the visitor's system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// A message that is shown once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Flash {
    Done(String),
    Problem(String),
}

/// An order as it was placed, with the prices of then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// 1 for the session's first order.
    pub(crate) number: usize,
    pub(crate) placed: SystemTime,
    pub(crate) lines: Vec<OrderLine>,
    pub(crate) address: Address,
    pub(crate) delivery: Delivery,
    pub(crate) total: Money,
}

/// One product in an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct OrderLine {
    pub(crate) name: String,
    pub(crate) quantity: u32,
    pub(crate) price: Money,
}
