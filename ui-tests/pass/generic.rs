use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop<T> {
    last: Option<T>,
    cart: Vec<T>,
    plain: T,
}

async fn handler(session: Session<Shop<u8>>) -> Result<(), SessionError> {
    session.set_last(1).await?;
    session.update_cart(|cart| cart.push(2)).await
}

fn main() {
    let _ = handler;
    assert_eq!(Shop::<u8>::LAST.key(), "last");
}
