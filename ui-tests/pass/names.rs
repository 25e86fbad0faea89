use session_runtime::{Session, SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    #[session(rename = "token")]
    shop_token: Option<String>,
    _token: Option<String>,
    #[session(rename = "basket", alias = "bag")]
    cart: Vec<String>,
    r#type: Option<u8>,
    session: Option<u8>,
    value: Option<u8>,
    change: Option<u8>,
    fields: Option<u8>,
    accessors: Option<u8>,
    handle: Option<u8>,
    from_snapshot: Option<u8>,
}

/// Names that the generated code would have taken otherwise.
#[derive(SessionData)]
struct Taken<Whole: Default + serde::Serialize + serde::de::DeserializeOwned + Send + Sync + 'static> {
    last: Option<R>,
    whole: Whole,
}

#[derive(serde::Serialize, serde::Deserialize)]
struct R;

async fn taken(session: Session<Taken<u8>>) -> Result<(), SessionError> {
    session.update_last(|last| last.is_some()).await?;
    session.set_last(R).await
}

async fn handler(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_type(session.r#type().await?.unwrap_or(3)).await?;
    session.set_session(3).await?;
    session.handle().await?;
    session.set_shop_token(session._token().await?.unwrap_or_default()).await
}

mod itself {
    #[derive(session_runtime::SessionData)]
    pub struct R {
        pub last: Option<u8>,
    }
}

async fn itself(session: Session<itself::R>) -> Result<(), SessionError> {
    session.update_last(|last| *last = Some(1)).await
}

fn main() {
    let _ = (handler, taken, itself);
    assert_eq!(Shop::SHOP_TOKEN.key(), "token");
    assert_eq!(Shop::FIELDS.key(), "fields");
    assert_eq!(Shop::TYPE.key(), "type");
}
