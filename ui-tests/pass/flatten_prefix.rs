//! A prefix keeps the keys of slices apart that would be one.

use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
#[session(prefix = "bag")]
struct Bag {
    items: Vec<String>,
}

#[derive(SessionData)]
#[session(prefix = "wishlist")]
struct Wishlist {
    items: Vec<String>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    bag: Bag,
    #[session(flatten)]
    wishlist: Wishlist,
    items: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_items(session.bag().items().await?).await?;
    session.wishlist().set_items(session.items().await?).await
}

fn main() {
    let _ = handler;
    assert_eq!(Bag::ITEMS.key(), "bag.items");
    assert_eq!(Wishlist::ITEMS.key(), "wishlist.items");
    assert_eq!(Shop::ITEMS.key(), "items");
}
