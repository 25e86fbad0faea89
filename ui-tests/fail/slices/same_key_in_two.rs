use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Bag {
    items: Vec<String>,
}

#[derive(SessionData)]
struct Wishlist {
    items: Vec<String>,
}

#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    bag: Bag,
    #[session(flatten)]
    wishlist: Wishlist,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.wishlist().items().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
