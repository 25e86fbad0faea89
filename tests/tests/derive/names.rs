//! Fields with unusual names.

use session_runtime::{SessionData, SessionError};

#[derive(SessionData)]
struct Shop {
    r#type: Option<String>,
    _lead: Option<u8>,
    _0: Option<u8>,
    __: Option<u8>,
    grösse: Option<u8>,
    // What generated code itself is made of.
    session: Option<u8>,
    value: Option<u8>,
    change: Option<u8>,
    fields: Option<u8>,
    data: Option<u8>,
    snapshot_: Option<u8>,
    accessors: Option<u8>,
    handle: u8,
    // Types and modules.
    u8: u8,
    core: u8,
    r#async: u8,
}

#[derive(SessionData)]
struct r#Struct {
    r#fn: Option<u8>,
}

#[tokio::test]
async fn raw_identifiers_lose_their_mark() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_type("a".into()).await?;
    session.update_type(|kind| kind.as_mut().map(|kind| kind.push('b'))).await?;
    assert_eq!(session.r#type().await?.as_deref(), Some("ab"));
    assert_eq!(Shop::TYPE.key(), "type");
    assert_eq!((session.r#async().await?, Shop::ASYNC.key()), (0, "async"));
    super::session::<Struct>().set_fn(3).await
}

#[tokio::test]
async fn a_leading_underscore_is_no_part_of_the_word() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_lead(3).await?;
    assert_eq!(session._lead().await?, Some(3));
    assert_eq!(Shop::LEAD.key(), "_lead");
    session.set__0(3).await?;
    session.set___(4).await?;
    assert_eq!((session._0().await?, session.__().await?), (Some(3), Some(4)));
    Ok(())
}

#[tokio::test]
async fn names_of_generated_code_are_free() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_session(1).await?;
    session.set_value(2).await?;
    session.set_change(3).await?;
    session.set_fields(4).await?;
    session.set_handle(5).await?;
    session.set_grösse(6).await?;
    session.set_u8(7).await?;
    assert_eq!((Shop::FIELDS.key(), Shop::GRÖSSE.key()), ("fields", "grösse"));
    assert_eq!((session.handle().await?, session.u8().await?, session.core().await?), (5, 7, 0));
    assert_eq!(session.keys().await?, ["grösse", "session", "value", "change", "fields", "handle", "u8"]);
    Ok(())
}
