//! The cart, without sessions: what is in it and what that costs.

use serde::{Deserialize, Serialize};

use crate::catalogue::{self, Money, Product};

/// The most that one order can have of a product.
pub(crate) const MAX_QUANTITY: u32 = 20;

/// What a visitor is about to buy.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Cart {
    lines: Vec<LineItem>,
}

/// Prices are looked up when they are shown: what is stored may be weeks old.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct LineItem {
    product: String,
    quantity: u32,
}

impl Cart {
    /// Puts in this many more.
    pub(crate) fn add(&mut self, product: &Product, quantity: u32) {
        let had = self.quantity(product);
        self.set(product, had.saturating_add(quantity));
    }

    /// Makes it this many; none removes the product.
    pub(crate) fn set(&mut self, product: &Product, quantity: u32) {
        let quantity = quantity.min(MAX_QUANTITY);
        match self.lines.iter_mut().find(|line| line.product == product.slug) {
            Some(line) => line.quantity = quantity,
            None => self.lines.push(LineItem { product: product.slug.to_owned(), quantity }),
        }
        self.lines.retain(|line| line.quantity > 0);
    }

    /// The products that the shop still has, and how many of each.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (&'static Product, u32)> {
        self.lines.iter().filter_map(|line| Some((catalogue::product(&line.product)?, line.quantity)))
    }

    /// How many things there are.
    pub(crate) fn count(&self) -> u32 {
        self.lines().map(|(_, quantity)| quantity).sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lines().next().is_none()
    }

    /// What it costs, without delivery.
    pub(crate) fn total(&self) -> Money {
        self.lines().map(|(product, quantity)| product.price.times(quantity)).sum()
    }

    fn quantity(&self, product: &Product) -> u32 {
        self.lines.iter().find(|line| line.product == product.slug).map_or(0, |line| line.quantity)
    }
}
