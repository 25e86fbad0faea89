//! Migrations of a struct with parameters.

use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct Old<T> {
    last: Option<T>,
}

fn first<T>(old: Old<T>) -> Vec<T> {
    old.last.into_iter().collect()
}

#[derive(SessionData)]
struct Shop<T, const N: usize>
where
    T: Clone,
{
    #[session(migrate(Old<T> => first, Option<T> => |last| vec![last; N].into_iter().flatten().collect()))]
    cart: Vec<T>,
    #[session(migrate(Old<T> => |old| old.last.is_some()))]
    any: bool,
    last: Option<T>,
}

async fn handler(session: Session<Shop<u8, 2>>) -> Result<(), SessionError> {
    session.update_cart(|cart| cart.push(2)).await?;
    session.set_last(1).await
}

fn main() {
    let _ = handler;
    assert_eq!(Shop::<String, 3>::CART.key(), "cart");
}
