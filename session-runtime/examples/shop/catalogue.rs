//! What the shop sells.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

/// An amount in euro cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Money(u32);

impl Money {
    pub(crate) const fn cents(cents: u32) -> Self {
        Self(cents)
    }

    pub(crate) fn times(self, quantity: u32) -> Self {
        Self(self.0.saturating_mul(quantity))
    }
}

impl Add for Money {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Self::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "€{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Something to buy.
#[derive(Debug)]
pub(crate) struct Product {
    /// Its name in addresses, forms and sessions.
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) price: Money,
    /// One line, for the catalogue.
    pub(crate) summary: &'static str,
    /// A few sentences, for its own page.
    pub(crate) description: &'static str,
    /// An SVG drawing, which is ours and so needs no escaping.
    pub(crate) picture: &'static str,
    /// The colour behind the picture: a class in `style.css`.
    pub(crate) tint: &'static str,
}

/// The product with this slug.
pub(crate) fn product(slug: &str) -> Option<&'static Product> {
    PRODUCTS.iter().find(|product| product.slug == slug)
}

/// Everything there is.
pub(crate) const PRODUCTS: &[Product] = &[
    Product {
        slug: "notebook",
        name: "Field notebook",
        price: Money::cents(1450),
        summary: "Dotted pages that lie flat",
        description: "A hundred and sixty dotted pages, thread-sewn so that they lie flat from the first to the \
                      last. The cloth cover takes a year in a coat pocket and looks better for it.",
        picture: include_str!("pictures/notebook.svg"),
        tint: "sage",
    },
    Product {
        slug: "pen",
        name: "Fountain pen",
        price: Money::cents(3900),
        summary: "A fine steel nib, a brass body",
        description: "Heavy enough to be noticed and light enough to be forgotten. The steel nib writes a fine \
                      line on any paper, and the brass darkens where you hold it.",
        picture: include_str!("pictures/pen.svg"),
        tint: "sand",
    },
    Product {
        slug: "ink",
        name: "Bottled ink",
        price: Money::cents(1200),
        summary: "Blue-black, 50 ml",
        description: "A blue-black that dries quickly and stays. Fifty millilitres are about three hundred \
                      letters, or one very long one.",
        picture: include_str!("pictures/ink.svg"),
        tint: "sky",
    },
    Product {
        slug: "lamp",
        name: "Desk lamp",
        price: Money::cents(8900),
        summary: "Warm light, one joint, no screen",
        description: "One arm, one joint and one switch. The shade keeps the light on the page and out of your \
                      eyes, and out of everybody else's.",
        picture: include_str!("pictures/lamp.svg"),
        tint: "rose",
    },
    Product {
        slug: "mug",
        name: "Stoneware mug",
        price: Money::cents(2200),
        summary: "Holds a long morning",
        description: "Thrown by hand and glazed inside, with a handle for three fingers. Holds 350 ml, which is \
                      how long a good paragraph takes.",
        picture: include_str!("pictures/mug.svg"),
        tint: "sand",
    },
    Product {
        slug: "plant",
        name: "Potted fern",
        price: Money::cents(1850),
        summary: "Asks for water, not for attention",
        description: "A fern that is content with a north window and a glass of water on Mondays. Comes in its \
                      clay pot, with a saucer.",
        picture: include_str!("pictures/plant.svg"),
        tint: "sage",
    },
    Product {
        slug: "clock",
        name: "Table clock",
        price: Money::cents(4600),
        summary: "Two hands and no tick",
        description: "A quiet movement behind a plain face. It shows the time when you look, and keeps it to \
                      itself when you don't.",
        picture: include_str!("pictures/clock.svg"),
        tint: "rose",
    },
    Product {
        slug: "tea",
        name: "Tin of tea",
        price: Money::cents(975),
        summary: "First flush, 100 g",
        description: "A light Darjeeling for the afternoon. The tin closes tightly and will hold paper clips for \
                      decades afterwards.",
        picture: include_str!("pictures/tea.svg"),
        tint: "sky",
    },
];
