use super::*;

#[derive(Debug, SessionData)]
struct Before {
    cart: Option<OldLine>,
}

#[derive(Debug, SessionData)]
struct After {
    #[session(migrate(OldLine => counted))]
    cart: Option<Line>,
    other: u8,
}

async fn before() -> Stored {
    written(async |session: Session<Before>| session.set_cart(OldLine { sku: "tea".into() }).await).await
}

#[tokio::test]
async fn an_old_value_is_read_by_every_call() {
    let session = before().await.open::<After>().await;
    assert_eq!(session.cart().await.unwrap(), Some(line("tea", 1)));
    assert!(session.has_cart().await.unwrap());
    assert_eq!(session.get(&After::CART).await.unwrap(), Some(line("tea", 1)));
    let snapshot = session.snapshot().await.unwrap();
    assert_eq!((snapshot.cart, snapshot.other), (Some(line("tea", 1)), 0));
    assert_eq!(session.take_cart().await.unwrap(), Some(line("tea", 1)));
    assert_eq!(session.cart().await.unwrap(), None);
}

#[tokio::test]
async fn a_migrated_value_is_not_stored_until_it_is_written() {
    let stored = before().await;
    let bytes = stored.bytes("cart").await;
    let session = stored.open::<After>().await;
    session.cart().await.unwrap();
    session.snapshot().await.unwrap();
    session.set_other(7).await.unwrap();
    assert_eq!(stored.bytes("cart").await, bytes);
    assert_eq!(stored.open::<Before>().await.cart().await.unwrap(), Some(OldLine { sku: "tea".into() }));
    session.set_cart(line("tea", 1)).await.unwrap();
    assert_ne!(stored.bytes("cart").await, bytes);
    assert_refused(stored.open::<Before>().await.cart().await);
    assert_eq!(stored.open::<After>().await.cart().await.unwrap(), Some(line("tea", 1)));
}

#[tokio::test]
async fn an_update_starts_from_the_migrated_value_and_stores_the_new_one() {
    let stored = before().await;
    let session = stored.open::<After>().await;
    session.update_cart(|cart| cart.as_mut().unwrap().count += 1).await.unwrap();
    assert_eq!(session.cart().await.unwrap(), Some(line("tea", 2)));
    assert_eq!(stored.open::<After>().await.cart().await.unwrap(), Some(line("tea", 2)));
}

#[tokio::test]
async fn taking_an_old_value_removes_it() {
    let stored = before().await;
    assert_eq!(stored.open::<After>().await.take_cart().await.unwrap(), Some(line("tea", 1)));
    assert!(!stored.open::<Before>().await.has_cart().await.unwrap());
}

#[tokio::test]
async fn buffered_writes_know_the_migrated_value() {
    let stored = before().await;
    let session = stored.open::<After>().await.buffered();
    session.update_cart(|cart| cart.as_mut().unwrap().count = 3).await.unwrap();
    session.set_other(1).await.unwrap();
    session.commit().await.unwrap();
    let snapshot = stored.open::<After>().await.snapshot().await.unwrap();
    assert_eq!((snapshot.cart, snapshot.other), (Some(line("tea", 3)), 1));
}

/// The function is not there for values of the present shape, nor for those of a third one.
#[tokio::test]
async fn other_values_are_not_migrated() {
    #[derive(Debug, SessionData)]
    struct Other {
        cart: Option<(String, u8)>,
    }

    let stored = written(async |session: Session<After>| session.set_cart(line("tea", 5)).await).await;
    assert_eq!(stored.open::<After>().await.cart().await.unwrap(), Some(line("tea", 5)));
    let stored = written(async |session: Session<Other>| session.set_cart(("tea".into(), 5)).await).await;
    assert_refused(stored.open::<After>().await.cart().await);
}

/// Four types, three functions, one after the other; each of the types may be what is stored.
#[tokio::test]
async fn functions_follow_each_other() {
    #[derive(Serialize, Deserialize)]
    struct Second(String, u8);

    #[derive(Serialize, Deserialize)]
    struct Third {
        text: String,
    }

    fn second(first: u8) -> Second {
        Second(format!("from {first}"), first)
    }

    #[derive(SessionData)]
    struct Now {
        #[session(
            migrate(u8 => second),
            migrate(Second => |old| -> Third { Third { text: format!("{} by {}", old.0, old.1) } }),
            migrate(Third => |old| vec![old.text])
        )]
        value: Option<Vec<String>>,
    }

    async fn reads(stored: Stored, expected: &str) {
        let session = stored.open::<Now>().await;
        assert_eq!(session.value().await.unwrap(), Some(vec![expected.to_owned()]));
    }

    let stored = written(async |session: Session<Kept<u8>>| session.set_value(7).await).await;
    reads(stored, "from 7 by 7").await;
    let stored =
        written(async |session: Session<Kept<Second>>| session.set_value(Second("second".into(), 2)).await).await;
    reads(stored, "second by 2").await;
    let third = Third { text: "third".into() };
    let stored = written(async |session: Session<Kept<Third>>| session.set_value(third).await).await;
    reads(stored, "third").await;
    let stored = written(async |session: Session<Kept<Vec<String>>>| session.set_value(vec!["now".into()]).await).await;
    reads(stored, "now").await;
}

/// The order in which they are written does not matter.
#[tokio::test]
async fn several_types_lead_to_the_present_one() {
    #[derive(SessionData)]
    struct Now {
        #[session(migrate(
            Vec<String> => |skus| skus.iter().map(|sku| line(sku, 1)).collect(),
            Vec<(String, u32)> => |pairs| pairs.iter().map(|(sku, count)| line(sku, *count)).collect(),
            String => |sku| vec![line(&sku, 1)],
            () => |()| Vec::new(),
        ))]
        value: Vec<Line>,
    }

    let stored = written(async |session: Session<Kept<Vec<String>>>| session.set_value(vec!["tea".into()]).await).await;
    assert_eq!(stored.open::<Now>().await.value().await.unwrap(), [line("tea", 1)]);
    let pairs = vec![("tea".to_owned(), 2)];
    let stored = written(async |session: Session<Kept<Vec<(String, u32)>>>| session.set_value(pairs).await).await;
    assert_eq!(stored.open::<Now>().await.value().await.unwrap(), [line("tea", 2)]);
    let stored = written(async |session: Session<Kept<String>>| session.set_value("tea".into()).await).await;
    assert_eq!(stored.open::<Now>().await.value().await.unwrap(), [line("tea", 1)]);
    let stored = written(async |session: Session<Kept<()>>| session.set_value(()).await).await;
    assert_eq!(stored.open::<Now>().await.value().await.unwrap(), []);
    let stored = written(async |session: Session<Kept<u8>>| session.set_value(1).await).await;
    assert_refused(stored.open::<Now>().await.value().await);
}

/// An old value that its own type refuses is an error, and its bytes stay.
#[tokio::test]
async fn an_old_value_that_does_not_decode_is_not_migrated() {
    #[derive(SessionData)]
    struct Now {
        #[session(migrate(std::num::NonZeroU8 => |old| u32::from(old.get())))]
        value: Option<u32>,
    }

    let stored = written(async |session: Session<Kept<u8>>| session.set_value(0).await).await;
    let bytes = stored.bytes("value").await;
    let session = stored.open::<Now>().await;
    let read = session.value().await;
    assert!(matches!(read, Err(SessionError::Decode { field: "value", .. })), "{read:?}");
    assert!(matches!(session.take_value().await, Err(SessionError::Decode { field: "value", .. })));
    assert_eq!(stored.bytes("value").await, bytes);
}

/// A function that gives `None` for a value has no place: a field in an `Option` is migrated to what is in it.
#[tokio::test]
async fn a_field_in_an_option_is_migrated_to_what_is_in_it() {
    #[derive(SessionData)]
    struct Now {
        #[session(migrate(Option<u8> => |old| old.map_or(0, u32::from)))]
        value: Option<u32>,
    }

    for (old, new) in [(Some(7), 7), (None, 0)] {
        let stored = written(async |session: Session<Kept<Option<u8>>>| session.set_value(old).await).await;
        assert_eq!(stored.open::<Now>().await.value().await.unwrap(), Some(new));
    }
}

/// Two fields of one type, migrated from one type, each by its own function.
#[tokio::test]
async fn each_field_has_its_own_functions() {
    #[derive(SessionData)]
    struct Before {
        width: u8,
        height: u8,
    }

    #[derive(SessionData)]
    struct Now {
        #[session(migrate(u8 => |old| u32::from(old) * 10))]
        width: u32,
        #[session(migrate(u8 => |old| u32::from(old) * 100))]
        height: u32,
    }

    let stored = written(async |session: Session<Before>| {
        session.set_width(1).await?;
        session.set_height(2).await
    })
    .await;
    let now = stored.open::<Now>().await.snapshot().await.unwrap();
    assert_eq!((now.width, now.height), (10, 200));
}

/// A lazy field with a TTL is migrated when it is asked for; what an update leaves keeps the old value's end.
#[tokio::test]
async fn other_attributes_stay_what_they_are() {
    #[derive(SessionData)]
    struct Now {
        #[session(lazy, ttl = "1h", default = line("none", 0), migrate(OldLine => counted))]
        cart: Line,
    }

    let stored = before().await;
    let session = stored.open::<Now>().await;
    assert!(session.has_cart().await.unwrap());
    assert_eq!(session.cart().await.unwrap(), line("tea", 1));
    session.update_cart(|cart| cart.count += 1).await.unwrap();
    assert_eq!(stored.open::<Now>().await.take_cart().await.unwrap(), Some(line("tea", 2)));
    assert_eq!(stored.open::<Now>().await.cart().await.unwrap(), line("none", 0));
}

/// Never an endless recursion.
#[tokio::test]
async fn functions_that_lead_in_a_circle_are_an_error() {
    #[derive(Serialize, Deserialize)]
    struct Odd(u8);

    #[derive(Serialize, Deserialize)]
    struct Even(u16);

    fn even(odd: Odd) -> Even {
        Even(odd.0.into())
    }

    fn odd(even: Even) -> Odd {
        Odd(u8::try_from(even.0).unwrap_or_default())
    }

    #[derive(SessionData)]
    struct Circle {
        #[session(migrate(Odd => even, Even => odd))]
        value: String,
    }

    let stored = written(async |session: Session<Kept<u8>>| session.set_value(7).await).await;
    let read = stored.open::<Circle>().await.value().await;
    assert!(matches!(read, Err(SessionError::Decode { field: "value", .. })), "{read:?}");
    assert_eq!(stored.open::<Kept<u8>>().await.value().await.unwrap(), Some(7), "the bytes stay");
}
