//! The checkout, without sessions: what is asked, and what is wrong with the answers.
//!
//! Answers are kept as they were given, wrong ones too. A page that shows them again finds out anew what is wrong,
//! so no message needs to be stored.

use serde::{Deserialize, Serialize};

use crate::catalogue::Money;

/// The most letters that one answer may have.
const MAX_LETTERS: usize = 200;

/// What was entered so far; a step that was not sent yet is `None`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Checkout {
    pub(crate) address: Option<Address>,
    pub(crate) delivery: Option<Delivery>,
}

/// A page of the checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Address,
    Delivery,
    Review,
}

impl Step {
    pub(crate) const ALL: [Self; 3] = [Self::Address, Self::Delivery, Self::Review];

    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::Address => "/checkout/address",
            Self::Delivery => "/checkout/delivery",
            Self::Review => "/checkout/review",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Address => "Address",
            Self::Delivery => "Delivery",
            Self::Review => "Review",
        }
    }
}

impl Checkout {
    /// The first step that still needs an answer.
    pub(crate) fn next_step(&self) -> Step {
        match self.complete() {
            Some(_) => Step::Review,
            None if self.valid_address().is_some() => Step::Delivery,
            None => Step::Address,
        }
    }

    /// The answers, if all are there and right.
    pub(crate) fn complete(&self) -> Option<(&Address, &Delivery)> {
        let delivery = self.delivery.as_ref().filter(|delivery| delivery.errors().is_empty());
        Some((self.valid_address()?, delivery?))
    }

    fn valid_address(&self) -> Option<&Address> {
        self.address.as_ref().filter(|address| address.errors().is_empty())
    }
}

/// The first step's form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) street: String,
    pub(crate) postcode: String,
    pub(crate) city: String,
}

impl Address {
    pub(crate) fn errors(&self) -> Errors {
        let mut errors = Errors::default();
        errors.check("name", &self.name, "Enter your name", |name| !name.is_empty());
        errors.check("email", &self.email, "Enter an email address, such as ada@example.com", is_email);
        errors.check("street", &self.street, "Enter the street and number", |street| !street.is_empty());
        errors.check("postcode", &self.postcode, "Enter a postcode of 3 to 10 letters and digits", is_postcode);
        errors.check("city", &self.city, "Enter the town or city", |city| !city.is_empty());
        errors
    }
}

/// The second step's form.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Delivery {
    /// `None` where nothing was chosen: browsers leave such a field out.
    pub(crate) method: Option<Method>,
    pub(crate) note: String,
}

impl Delivery {
    pub(crate) fn errors(&self) -> Errors {
        let mut errors = Errors::default();
        if self.method.is_none() {
            errors.0.push(("method", "Choose how your order gets to you"));
        }
        errors.check("note", &self.note, "", |_| true);
        errors
    }

    pub(crate) fn price(&self) -> Money {
        self.method.map_or(Money::cents(0), Method::price)
    }
}

/// A way to deliver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Method {
    Pickup,
    Standard,
    Express,
}

impl Method {
    pub(crate) const ALL: [Self; 3] = [Self::Pickup, Self::Standard, Self::Express];

    /// Its value in the form.
    pub(crate) fn value(self) -> &'static str {
        match self {
            Self::Pickup => "pickup",
            Self::Standard => "standard",
            Self::Express => "express",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Pickup => "Pick up in the shop",
            Self::Standard => "Standard, 3 to 5 days",
            Self::Express => "Express, tomorrow",
        }
    }

    pub(crate) fn price(self) -> Money {
        match self {
            Self::Pickup => Money::cents(0),
            Self::Standard => Money::cents(490),
            Self::Express => Money::cents(1290),
        }
    }
}

/// What is wrong, by the name of the form's field, in the form's order.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<(&'static str, &'static str)>);

impl Errors {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn of(&self, field: &str) -> Option<&'static str> {
        self.iter().find(|(name, _)| *name == field).map(|(_, message)| message)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        self.0.iter().copied()
    }

    /// Notes `message` unless the answer passes `test`.
    fn check(&mut self, field: &'static str, answer: &str, message: &'static str, test: impl Fn(&str) -> bool) {
        if answer.chars().count() > MAX_LETTERS {
            self.0.push((field, "Use at most 200 letters"));
        } else if !test(answer.trim()) {
            self.0.push((field, message));
        }
    }
}

/// Whether it has the shape of an address; whether it exists, only a letter to it would tell.
fn is_email(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.contains(char::is_whitespace);
    text.split_once('@').is_some_and(|(name, host)| is_part(name) && is_part(host) && host.contains('.'))
}

fn is_postcode(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphanumeric()).count();
    (3..=10).contains(&letters) && text.chars().all(|letter| letter.is_alphanumeric() || " -".contains(letter))
}
