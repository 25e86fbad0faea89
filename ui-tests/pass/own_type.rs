//! `Self` in the types of fields, whatever it is in the code that is made of them.

use session_runtime::{Session, SessionData, SessionError};

trait Undo {
    type Step: serde::Serialize + serde::de::DeserializeOwned + Clone + Default + Send + Sync + 'static;
}

impl Undo for Shop {
    type Step = u8;
}

impl Shop {
    const SIZE: usize = 3;
}

#[derive(SessionData, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Shop {
    name: String,
    undo: Option<Box<Self>>,
    #[session(version = 2, migrate(Box<Self> => |shop| vec![*shop], version = 1))]
    others: Vec<Self>,
    step: <Self as Undo>::Step,
    places: [u8; Self::SIZE],
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    let shop = session.snapshot().await?;
    session.set_undo(Box::new(shop.clone())).await?;
    session.update_others(|others| others.push(shop.clone())).await?;
    session.set_step(session.step().await? + 1).await?;
    session.set_places([0; Shop::SIZE]).await
}

impl<T: Clone, const N: usize> Undo for Generic<T, N> {
    type Step = u16;
}

#[derive(SessionData, Clone, Default, serde::Serialize, serde::Deserialize)]
struct Generic<T: Clone, const N: usize>
where
    Self: ::core::marker::Sized + Undo,
    Vec<Self>: Sized,
{
    last: Option<T>,
    undo: Option<Box<Self>>,
    others: Vec<Self>,
    step: Option<<Self as Undo>::Step>,
    steps: Vec<<Self as Undo>::Step>,
}

async fn generic(session: Session<Generic<u8, 3>>) -> Result<(), SessionError> {
    let undo = session.take_undo().await?;
    session.update_others(|others| others.extend(undo.as_deref().cloned())).await?;
    session.update_steps(|steps| steps.push(7)).await?;
    session.set_step(7).await
}

fn main() {
    let _ = (handler, generic);
    assert_eq!(Shop::UNDO.key(), Generic::<u8, 3>::UNDO.key());
}
