use super::*;

#[derive(Debug, SessionData)]
struct InBincode {
    value: Option<Vec<Line>>,
}

#[derive(Debug, SessionData)]
struct InJson {
    #[session(codec = "json")]
    value: Option<Vec<Line>>,
}

#[derive(Debug, SessionData)]
struct MigratedInJson {
    #[session(codec = "json", migrate(Vec<OldLine> => |old| old.into_iter().map(counted).collect()))]
    value: Option<Vec<Line>>,
}

#[derive(Debug, SessionData)]
struct OldInJson {
    #[session(codec = "json")]
    value: Option<Vec<OldLine>>,
}

#[tokio::test]
async fn a_value_in_bincode_is_read_by_a_json_field() {
    let stored = written(async |session: Session<InBincode>| session.set_value(vec![line("tea", 1)]).await).await;
    let bytes = stored.bytes("value").await;
    let session = stored.open::<InJson>().await;
    assert_eq!(session.value().await.unwrap(), Some(vec![line("tea", 1)]));
    assert_eq!(stored.bytes("value").await, bytes);
    session.update_value(|value| value.as_mut().unwrap().push(line("milk", 2))).await.unwrap();
    let bytes = stored.bytes("value").await.unwrap();
    assert!(bytes.ends_with(br#"[{"sku":"tea","count":1},{"sku":"milk","count":2}]"#), "{bytes:?}");
    assert_eq!(stored.open::<InJson>().await.value().await.unwrap().unwrap().len(), 2);
}

#[tokio::test]
async fn a_value_in_json_is_read_by_a_bincode_field() {
    let stored = written(async |session: Session<InJson>| session.set_value(vec![line("tea", 1)]).await).await;
    let session = stored.open::<InBincode>().await;
    assert_eq!(session.value().await.unwrap(), Some(vec![line("tea", 1)]));
    assert_eq!(session.take_value().await.unwrap(), Some(vec![line("tea", 1)]));
}

/// A type that writes itself otherwise for people is read as what it was written for.
#[tokio::test]
async fn a_type_that_differs_by_codec_is_read_in_both() {
    let id = uuid::Uuid::from_u128(7);

    #[derive(SessionData)]
    struct Text {
        #[session(codec = "json")]
        value: Option<uuid::Uuid>,
    }

    let stored = written(async |session: Session<Kept<uuid::Uuid>>| session.set_value(id).await).await;
    assert_eq!(stored.open::<Text>().await.value().await.unwrap(), Some(id));
    let stored = written(async |session: Session<Text>| session.set_value(id).await).await;
    assert_eq!(stored.open::<Kept<uuid::Uuid>>().await.value().await.unwrap(), Some(id));
    // What is a text in JSON is none in bincode.
    let stored = written(async |session: Session<Kept<String>>| session.set_value(id.to_string()).await).await;
    assert_refused(stored.open::<Text>().await.value().await);
}

#[tokio::test]
async fn an_old_value_is_migrated_whatever_codec_it_is_in() {
    let old = vec![OldLine { sku: "tea".into() }];
    let in_bincode = written(async |session: Session<Kept<Vec<OldLine>>>| session.set_value(old.clone()).await).await;
    let in_json = written(async |session: Session<OldInJson>| session.set_value(old.clone()).await).await;
    for stored in [in_bincode, in_json] {
        let session = stored.open::<MigratedInJson>().await;
        assert_eq!(session.value().await.unwrap(), Some(vec![line("tea", 1)]));
    }
}

#[tokio::test]
async fn another_shape_in_another_codec_is_refused() {
    let stored = written(async |session: Session<OldInJson>| session.set_value(vec![]).await).await;
    assert_refused(stored.open::<InBincode>().await.value().await);
    let stored = written(async |session: Session<InBincode>| session.set_value(vec![]).await).await;
    assert_refused(stored.open::<OldInJson>().await.value().await);
}
