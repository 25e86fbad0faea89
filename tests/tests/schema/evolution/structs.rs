use super::*;

#[derive(Debug, SessionData)]
struct Before {
    cart: Vec<String>,
    gone: Option<u8>,
    moved: u8,
}

#[derive(Debug, SessionData)]
struct After {
    moved: u8,
    #[session(default = 3)]
    added: u8,
    cart: Vec<String>,
}

#[tokio::test]
async fn fields_of_the_session_come_go_and_move() {
    let stored = written(async |session: Session<Before>| {
        session.set_cart(vec!["tea".into()]).await?;
        session.set_gone(1).await?;
        session.set_moved(2).await
    })
    .await;
    let session = stored.open::<After>().await;
    let after = session.snapshot().await.unwrap();
    assert_eq!((after.cart, after.moved, after.added), (vec!["tea".to_owned()], 2, 3));
    session.set_moved(4).await.unwrap();
    session.set_added(5).await.unwrap();
    let before = stored.open::<Before>().await.snapshot().await.unwrap();
    assert_eq!((before.cart, before.moved, before.gone), (vec!["tea".to_owned()], 4, Some(1)));
}

#[derive(Debug, SessionData)]
struct Generic<T> {
    #[session(migrate(Vec<OldLine> => |old| old.len() as u64))]
    count: u64,
    value: Option<T>,
    #[session(on_mismatch = "default")]
    values: Vec<T>,
}

/// The argument is a part of the shape, wherever it stands; what does not depend on it is not.
#[tokio::test]
async fn a_generic_struct_is_a_schema_by_its_arguments() {
    let stored = written(async |session: Session<Generic<u8>>| {
        session.set_count(7).await?;
        session.set_values(vec![1]).await?;
        session.set_value(2).await
    })
    .await;
    let session = stored.open::<Generic<i8>>().await;
    assert_refused(session.value().await);
    assert!(session.values().await.unwrap().is_empty());
    assert_eq!(session.count().await.unwrap(), 7);
    let snapshot = stored.open::<Generic<u8>>().await.snapshot().await.unwrap();
    assert_eq!((snapshot.count, snapshot.value, snapshot.values), (7, Some(2), vec![1]));
}

#[tokio::test]
async fn a_generic_struct_migrates() {
    #[derive(SessionData)]
    struct Old {
        count: Vec<OldLine>,
    }

    let lines = vec![OldLine { sku: "tea".into() }];
    let stored = written(async |session: Session<Old>| session.set_count(lines).await).await;
    assert_eq!(stored.open::<Generic<u8>>().await.count().await.unwrap(), 1);
    assert_eq!(stored.open::<Generic<String>>().await.count().await.unwrap(), 1);
}
