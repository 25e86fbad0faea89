use super::*;

#[derive(Debug, SessionData)]
struct After {
    #[session(on_mismatch = "default")]
    value: Option<Line>,
    other: u8,
}

#[derive(Debug, SessionData)]
struct WithDefault {
    #[session(on_mismatch = "default", default = 9)]
    value: u64,
}

#[derive(Debug, SessionData)]
struct Strict {
    #[session(on_mismatch = "error")]
    value: Option<Line>,
}

#[derive(Debug, SessionData)]
struct Migrated {
    #[session(on_mismatch = "default", default = line("none", 0), migrate(OldLine => counted))]
    value: Line,
}

#[derive(Debug, SessionData)]
struct Newer {
    #[session(version = 2)]
    value: Option<Line>,
}

async fn of_another_shape() -> Stored {
    written(async |session: Session<Kept<u8>>| session.set_value(7).await).await
}

#[tokio::test]
async fn a_value_of_another_shape_counts_as_absent() {
    let stored = of_another_shape().await;
    let bytes = stored.bytes("value").await;
    let session = stored.open::<After>().await;
    assert_eq!(session.value().await.unwrap(), None);
    assert_eq!(session.get(&After::VALUE).await.unwrap(), None);
    assert!(!session.has_value().await.unwrap());
    let snapshot = session.snapshot().await.unwrap();
    assert_eq!((snapshot.value, snapshot.other), (None, 0));
    assert_eq!(stored.bytes("value").await, bytes, "reading changes nothing");
}

/// It may be that of a release which reads it still.
#[tokio::test]
async fn it_stays_until_there_is_a_value_to_replace_it() {
    let stored = of_another_shape().await;
    let bytes = stored.bytes("value").await;
    for has_read in [false, true] {
        let session = stored.open::<After>().await;
        if has_read {
            assert_eq!(session.value().await.unwrap(), None);
        }
        assert_eq!(session.take_value().await.unwrap(), None);
        session.update_value(|value| assert_eq!(*value, None)).await.unwrap();
        assert_eq!(stored.bytes("value").await, bytes);
    }
    let session = stored.open::<After>().await;
    session.update_value(|value| *value = Some(line("tea", 1))).await.unwrap();
    assert_eq!(session.take_value().await.unwrap(), Some(line("tea", 1)));
    assert_eq!(stored.open::<After>().await.value().await.unwrap(), None);
}

#[tokio::test]
async fn its_default_is_where_an_update_starts() {
    let stored = of_another_shape().await;
    let session = stored.open::<WithDefault>().await;
    assert_eq!(session.value().await.unwrap(), 9);
    assert_eq!(session.snapshot().await.unwrap().value, 9);
    assert!(!session.has_value().await.unwrap());
    session.update_value(|value| *value += 1).await.unwrap();
    assert_eq!(stored.open::<WithDefault>().await.value().await.unwrap(), 10);
    assert!(stored.open::<WithDefault>().await.has_value().await.unwrap());
}

#[tokio::test]
async fn setting_the_field_replaces_it() {
    let stored = of_another_shape().await;
    let session = stored.open::<After>().await;
    session.set_value(line("tea", 1)).await.unwrap();
    assert_eq!(stored.open::<After>().await.value().await.unwrap(), Some(line("tea", 1)));
}

#[tokio::test]
async fn another_version_counts_as_absent_too() {
    let stored = written(async |session: Session<Newer>| session.set_value(line("tea", 1)).await).await;
    let session = stored.open::<After>().await;
    assert_eq!(session.value().await.unwrap(), None);
    session.set_other(1).await.unwrap();
    assert_eq!(stored.open::<Newer>().await.value().await.unwrap(), Some(line("tea", 1)));
}

#[tokio::test]
async fn an_error_is_what_comes_unless_said_otherwise() {
    let stored = of_another_shape().await;
    assert_refused(stored.open::<Strict>().await.value().await);
}

/// Only a shape that nothing reads counts as absent, not bytes that are broken.
#[tokio::test]
async fn broken_bytes_are_an_error_all_the_same() {
    let stored = written(async |session: Session<After>| session.set_value(line("tea", 1)).await).await;
    let bytes = stored.bytes("value").await.unwrap();
    stored.put("value", &bytes[..bytes.len() - 1]).await;
    let session = stored.open::<After>().await;
    assert!(matches!(session.value().await, Err(SessionError::Decode { field: "value", .. })));
    assert!(session.has_value().await.unwrap());
    assert_eq!(session.keys().await.unwrap(), ["value"]);
}

#[tokio::test]
async fn what_can_be_migrated_is_and_the_rest_counts_as_absent() {
    let old = OldLine { sku: "tea".into() };
    let stored = written(async |session: Session<Kept<OldLine>>| session.set_value(old).await).await;
    let session = stored.open::<Migrated>().await;
    assert_eq!(session.value().await.unwrap(), line("tea", 1));
    assert!(session.has_value().await.unwrap());
    let session = of_another_shape().await.open::<Migrated>().await;
    assert_eq!(session.value().await.unwrap(), line("none", 0));
    assert!(!session.has_value().await.unwrap());
}
