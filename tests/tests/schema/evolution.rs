//! What a program does with values that an earlier or a later one wrote: `version`, `migrate`, `on_mismatch`, `alias`, `codec`.

use serde::{Deserialize, Serialize};
use session_runtime::{Session, SessionData, SessionError};

use crate::stored::{Kept, Stored};

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    sku: String,
    count: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct OldLine {
    sku: String,
}

fn line(sku: &str, count: u32) -> Line {
    Line { sku: sku.to_owned(), count }
}

fn counted(old: OldLine) -> Line {
    Line { sku: old.sku, count: 1 }
}

/// A session in which a program with the schema `T` set a field by `set`.
async fn written<T: SessionData>(set: impl AsyncFnOnce(Session<T>) -> Result<(), SessionError>) -> Stored {
    let stored = Stored::new().await;
    set(stored.open().await).await.unwrap();
    stored
}

#[track_caller]
fn assert_refused<V: std::fmt::Debug>(result: Result<V, SessionError>) {
    assert!(matches!(result, Err(SessionError::Schema { .. })), "{result:?}");
}

mod versions {
    use super::*;

    #[derive(Debug, SessionData)]
    struct First {
        price: Option<u32>,
        other: u8,
    }

    #[derive(Debug, SessionData)]
    struct Second {
        #[session(version = 2)]
        price: Option<u32>,
        other: u8,
    }

    #[derive(Debug, SessionData)]
    struct Converting {
        #[session(version = 2, migrate(u32 => |euros| euros * 100, version = 1))]
        price: Option<u32>,
    }

    /// Says nothing of the version: it is for all that are not newer.
    #[derive(Debug, SessionData)]
    struct ConvertingAny {
        #[session(version = 3, migrate(u32 => |price| price + 1))]
        price: Option<u32>,
    }

    #[derive(Debug, SessionData)]
    struct ByVersion {
        #[session(version = 4, migrate(
            u32 => |euros| euros * 100, version = 1,
            u32 => |dimes| dimes * 10, version = 2,
            // The newest that is not the field's own.
            u32 => |cents| cents, version = 3,
        ))]
        price: Option<u32>,
    }

    #[derive(Debug, SessionData)]
    struct Third {
        #[session(version = 3)]
        price: Option<u32>,
    }

    #[derive(Debug, SessionData)]
    struct Fourth {
        #[session(version = 4)]
        price: Option<u32>,
    }

    #[derive(Debug, SessionData)]
    struct Highest {
        #[session(version = 4294967295)]
        price: Option<u32>,
    }

    #[tokio::test]
    async fn another_version_of_the_same_type_is_refused() {
        let stored = written(async |session: Session<First>| session.set_price(7).await).await;
        let bytes = stored.bytes("price").await;
        let session = stored.open::<Second>().await;
        assert_refused(session.price().await);
        assert_refused(session.take_price().await);
        assert_refused(session.update_price(|price| *price = Some(1)).await);
        assert_refused(session.snapshot().await);
        assert!(session.has_price().await.unwrap());
        assert_eq!(session.other().await.unwrap(), 0);
        assert_eq!(stored.bytes("price").await, bytes);
        session.set_price(8).await.unwrap();
        assert_eq!(stored.open::<Second>().await.price().await.unwrap(), Some(8));
    }

    #[tokio::test]
    async fn an_older_program_refuses_what_a_newer_one_wrote() {
        let stored = written(async |session: Session<Second>| session.set_price(7).await).await;
        let bytes = stored.bytes("price").await;
        let session = stored.open::<First>().await;
        assert_refused(session.price().await);
        assert_refused(session.update_price(|price| *price = Some(1)).await);
        session.set_other(3).await.unwrap();
        assert_eq!(stored.bytes("price").await, bytes);
        assert_eq!(stored.open::<Second>().await.price().await.unwrap(), Some(7));
    }

    #[tokio::test]
    async fn a_migration_without_a_version_takes_none_that_is_newer() {
        let stored = written(async |session: Session<Fourth>| session.set_price(7).await).await;
        assert_refused(stored.open::<ConvertingAny>().await.price().await);
        assert_eq!(stored.open::<Fourth>().await.price().await.unwrap(), Some(7));
    }

    #[tokio::test]
    async fn the_same_type_is_migrated_from_an_older_version() {
        let stored = written(async |session: Session<First>| session.set_price(7).await).await;
        let session = stored.open::<Converting>().await;
        assert_eq!(session.price().await.unwrap(), Some(700));
        session.update_price(|price| *price = price.map(|price| price + 1)).await.unwrap();
        assert_eq!(stored.open::<Converting>().await.price().await.unwrap(), Some(701), "it is migrated once");
        assert_refused(stored.open::<First>().await.price().await);
    }

    #[tokio::test]
    async fn a_migration_without_a_version_takes_every_older_one() {
        let first = written(async |session: Session<First>| session.set_price(7).await).await;
        let second = written(async |session: Session<Second>| session.set_price(8).await).await;
        let third = written(async |session: Session<Third>| session.set_price(9).await).await;
        for (stored, expected) in [(first, 8), (second, 9), (third, 9)] {
            assert_eq!(stored.open::<ConvertingAny>().await.price().await.unwrap(), Some(expected));
        }
    }

    #[tokio::test]
    async fn each_version_of_one_type_has_its_own_function() {
        let first = written(async |session: Session<First>| session.set_price(7).await).await;
        let second = written(async |session: Session<Second>| session.set_price(7).await).await;
        let third = written(async |session: Session<Third>| session.set_price(7).await).await;
        let fourth = written(async |session: Session<Fourth>| session.set_price(7).await).await;
        for (stored, expected) in [(first, 700), (second, 70), (third, 7), (fourth, 7)] {
            assert_eq!(stored.open::<ByVersion>().await.price().await.unwrap(), Some(expected));
        }
    }

    #[tokio::test]
    async fn a_version_that_no_function_is_for_is_refused() {
        let stored = written(async |session: Session<Third>| session.set_price(7).await).await;
        assert_refused(stored.open::<Converting>().await.price().await);
    }

    #[tokio::test]
    async fn the_highest_version_is_one_like_others() {
        let stored = written(async |session: Session<Highest>| session.set_price(7).await).await;
        assert_eq!(stored.open::<Highest>().await.price().await.unwrap(), Some(7));
        assert_refused(stored.open::<First>().await.price().await);
    }
}

mod migrations {
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
        let stored =
            written(async |session: Session<Kept<Vec<String>>>| session.set_value(vec!["now".into()]).await).await;
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

        let stored =
            written(async |session: Session<Kept<Vec<String>>>| session.set_value(vec!["tea".into()]).await).await;
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
}

mod aliases {
    use super::*;

    #[derive(Debug, SessionData)]
    struct Before {
        basket: Option<OldLine>,
    }

    #[derive(Debug, SessionData)]
    struct After {
        #[session(alias = "basket", migrate(OldLine => counted))]
        cart: Option<Line>,
    }

    #[tokio::test]
    async fn an_old_value_under_an_old_key_is_migrated() {
        let stored =
            written(async |session: Session<Before>| session.set_basket(OldLine { sku: "tea".into() }).await).await;
        let session = stored.open::<After>().await;
        assert_eq!(session.cart().await.unwrap(), Some(line("tea", 1)));
        assert!(stored.bytes("basket").await.is_some() && stored.bytes("cart").await.is_none());
        session.update_cart(|cart| cart.as_mut().unwrap().count += 1).await.unwrap();
        assert_eq!(stored.bytes("basket").await, None, "a write takes the alias away");
        assert_eq!(stored.open::<After>().await.cart().await.unwrap(), Some(line("tea", 2)));
    }

    #[tokio::test]
    async fn a_value_under_an_old_key_that_does_not_fit_is_refused() {
        #[derive(Debug, SessionData)]
        struct Other {
            basket: Option<u8>,
        }

        let stored = written(async |session: Session<Other>| session.set_basket(7).await).await;
        let session = stored.open::<After>().await;
        assert_refused(session.cart().await);
        assert_refused(session.update_cart(|_| ()).await);
        assert_eq!(stored.open::<Other>().await.basket().await.unwrap(), Some(7));
    }
}

mod mismatches {
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
        assert_eq!(session.take_value().await.unwrap(), None);
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
}

mod codecs {
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
        let in_bincode =
            written(async |session: Session<Kept<Vec<OldLine>>>| session.set_value(old.clone()).await).await;
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
}

mod structs {
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
}
