//! Functions, closures and chains of both lead to a field's type.

use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct CartV1(String);

#[derive(serde::Serialize, serde::Deserialize)]
struct CartV2(Vec<String>);

#[derive(serde::Serialize, serde::Deserialize)]
struct CartV3 {
    items: Vec<String>,
}

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Cart {
    items: Vec<(String, u32)>,
}

impl From<CartV1> for CartV2 {
    fn from(CartV1(item): CartV1) -> Self {
        Self(vec![item])
    }
}

impl From<CartV3> for Cart {
    fn from(old: CartV3) -> Self {
        Self { items: old.items.into_iter().map(|item| (item, 1)).collect() }
    }
}

const EXTRA: &str = "a bag";

#[derive(SessionData)]
struct Shop {
    // Of functions, closures that say what they give, and one that gives the field's type.
    #[session(migrate(
        CartV1 => CartV2::from,
        CartV2 => |CartV2(mut items)| -> CartV3 {
            items.push(EXTRA.to_owned());
            CartV3 { items }
        },
        CartV3 => |old| old.into(),
    ))]
    cart: Cart,
    // Each in one step.
    #[session(migrate(CartV1 => |old| vec![old.0]), migrate(CartV2 => |old| old.0), migrate(CartV3 => |old| old.items))]
    names: Vec<String>,
    // The same types for another field.
    #[session(migrate(CartV1 => |old| old.0.len(), CartV2 => |old| -> usize { old.0.len() }))]
    count: Option<usize>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let cart: Cart = session.cart().await?;
    session.set_names(cart.items.into_iter().map(|(name, _)| name).collect()).await?;
    session.set_count(3).await
}

fn main() {
    let _ = handler;
}
