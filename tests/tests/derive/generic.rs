//! Structs with parameters. What depends on a parameter is asked of whoever gives it a type.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use session_runtime::{SessionData, SessionError};

#[derive(SessionData)]
struct Shop<T> {
    last: Option<T>,
    cart: Vec<T>,
    first: T,
    #[session(default = [])]
    sizes: [Vec<T>; 0],
    plain: u8,
}

/// Has no default, which a field in an `Option` does not need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Item(u8);

#[derive(SessionData)]
struct Page<Value: Clone, const N: usize>
where
    Value: std::fmt::Debug,
{
    last: Option<Value>,
    pair: Option<[u8; 2]>,
}

/// The parameter has the name of what closures return.
#[derive(SessionData)]
struct Renamed<R> {
    last: Option<R>,
}

#[tokio::test]
async fn accessors_have_the_argument() -> Result<(), SessionError> {
    let session = super::session::<Shop<String>>();
    session.set_last("pear".into()).await?;
    session.update_cart(|cart| cart.push("apple".to_owned())).await?;
    assert_eq!(session.last().await?.as_deref(), Some("pear"));
    assert_eq!(session.snapshot().await?.cart, ["apple"]);
    assert_eq!(session.first().await?, "");
    Ok(())
}

#[tokio::test]
async fn bounds_of_the_struct_are_kept() -> Result<(), SessionError> {
    let session = super::session::<Page<Item, 3>>();
    session.set_last(Item(3)).await?;
    assert_eq!(session.get(&Page::<Item, 3>::LAST).await?, Some(Item(3)));
    Ok(())
}

#[tokio::test]
async fn a_parameter_may_be_called_like_ours() -> Result<(), SessionError> {
    let session = super::session::<Renamed<u8>>();
    let seen: bool = session.update_last(|last| last.is_some()).await?;
    assert!(!seen);
    Ok(())
}

/// Code that is generic over the argument compiles with the bounds that the fields need.
async fn set_first<T>(value: T) -> Result<T, SessionError>
where
    T: Serialize + DeserializeOwned + Default + Send + Sync + 'static,
{
    let session = super::session::<Shop<T>>();
    session.set_first(value).await?;
    session.first().await
}

#[tokio::test]
async fn generic_code_can_use_it() -> Result<(), SessionError> {
    assert_eq!(set_first(7_u8).await?, 7);
    Ok(())
}
