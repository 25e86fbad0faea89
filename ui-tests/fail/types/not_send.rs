use session_runtime::{Session, SessionData, SessionError};

#[derive(serde::Serialize, serde::Deserialize)]
struct Id(std::marker::PhantomData<*const u8>);

#[derive(SessionData)]
struct Shop {
    what: Option<Id>,
    cart: Vec<String>,
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.what().await?;
    session.set_cart(vec!["apple".into()]).await?;
    Ok(())
}

fn main() {}
