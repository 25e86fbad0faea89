use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop<T> {
    last: T,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop<u8>>) -> Result<(), SessionError> {
    session.set_last(1).await?;
    session.set_cart(vec!["apple".into()]).await
}

fn main() {}
