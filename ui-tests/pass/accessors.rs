use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    user: Option<u64>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let cart: Vec<String> = session.cart().await?;
    let user: Option<u64> = session.user().await?;
    session.set_cart(cart).await?;
    session.set_user(user.unwrap_or(7)).await?;
    session.update_cart(|cart| cart.push("apple".into())).await?;
    let count: usize = session.update_user(|user| user.iter().count()).await?;
    let taken: (Option<u64>, Option<Vec<String>>) = (session.take_user().await?, session.take_cart().await?);
    let there: bool = session.has_cart().await?;
    let _ = (count, taken, there);
    session.remove_user().await
}

fn main() {
    let _ = handler;
}
