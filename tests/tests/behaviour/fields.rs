//! Fields: defaults, lazy ones, aliases, values that don't decode, values that are too large.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use session_runtime::testing::{FaultyStore, Operation};
use session_runtime::{Session, SessionData, SessionError, SessionManager, Token};
use session_tests::{Shop, TestStore, Theme, on_each_store};

/// The schema before a change.
#[derive(SessionData)]
struct Before {
    basket: Vec<String>,
    number: u64,
    gone: Option<String>,
}

/// The same sessions, as a later release of the program sees them.
#[derive(SessionData)]
struct After {
    #[session(alias = "basket", alias = "trolley")]
    cart: Vec<String>,
    number: Option<String>,
    #[session(default = 9)]
    added: u32,
}

/// The same sessions, by a program that does without what it can't read.
#[derive(SessionData)]
struct Forgiving {
    #[session(on_mismatch = "default")]
    number: Option<String>,
    #[session(lazy, on_mismatch = "default")]
    basket: u64,
    #[session(lazy, on_mismatch = "default")]
    gone: Option<String>,
    #[session(on_mismatch = "default", default = 9)]
    never: u64,
}

async fn written_before(store: &TestStore) -> Token {
    let session = SessionManager::<Before>::new(store.clone()).start().buffered();
    session.set_basket(vec!["tea".into()]).await.unwrap();
    session.set_number(42).await.unwrap();
    session.set_gone("forgotten".into()).await.unwrap();
    session.commit().await.unwrap();
    session.token().unwrap()
}

async fn open(store: &TestStore, token: &Token) -> Session<After> {
    SessionManager::new(store.clone()).open(token).await.unwrap().unwrap()
}

on_each_store! {
    /// An absent field is its default, and a default counts as absent.
    async fn an_absent_field_is_its_default(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        assert_eq!((session.theme().await.unwrap(), session.count().await.unwrap()), (Theme::Dark, 0));
        assert_eq!(session.get(&Shop::THEME).await.unwrap(), None, "the generic calls know no default");
        assert_eq!(session.take_theme().await.unwrap(), None);
        session.set_theme(Theme::Dark).await.unwrap();
        assert!(session.has_theme().await.unwrap(), "setting a field to its default sets it");
        assert_eq!(session.get(&Shop::THEME).await.unwrap(), Some(Theme::Dark));
        session.remove_theme().await.unwrap();
        assert!(!session.has_theme().await.unwrap());
    }

    /// An update starts from the default, gives back what the closure gives, and leaving `None` removes.
    async fn an_update_starts_from_the_default(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        let length = session.update_cart(|cart| { cart.push("tea".into()); cart.len() }).await.unwrap();
        assert_eq!(length, 1);
        session.update_theme(|theme| assert_eq!(*theme, Theme::Dark)).await.unwrap();
        session.update_flash(|flash| *flash = Some("hello".into())).await.unwrap();
        assert_eq!(session.keys().await.unwrap(), ["cart", "theme", "flash"]);
        session.update_flash(|flash| *flash = None).await.unwrap();
        assert_eq!(session.keys().await.unwrap(), ["cart", "theme"]);
        assert_eq!(session.take_cart().await.unwrap(), Some(vec!["tea".to_owned()]));
        assert_eq!(session.take_cart().await.unwrap(), None);
    }

    /// A value is encoded when it is given: what becomes of it later does not matter.
    async fn a_value_is_stored_as_it_was_given(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        let mut cart = vec!["tea".to_owned()];
        let set = session.set_cart(cart.clone());
        cart.push("milk".into());
        set.await.unwrap();
        let mut copy = session.cart().await.unwrap();
        copy.push("changed".into());
        assert_eq!(session.cart().await.unwrap(), ["tea"]);
    }

    /// A lazy field's value is loaded when it is asked for; whether it exists is known before.
    async fn a_lazy_field_is_loaded_when_asked_for(store) {
        let store = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(store.clone());
        let session = sessions.start();
        session.set_history(vec![1, 2, 3]).await.unwrap();
        let token = session.token().unwrap();
        let session = sessions.open(&token).await.unwrap().unwrap();
        store.forget();
        assert_eq!(session.keys().await.unwrap(), ["history"]);
        assert!(session.has_history().await.unwrap());
        assert_eq!(store.calls(), []);
        assert_eq!(session.history().await.unwrap(), [1, 2, 3]);
        assert_eq!(session.history().await.unwrap(), [1, 2, 3]);
        assert_eq!(store.calls(), [Operation::Load]);
    }

    /// Fields may come and go: the others are read as before, an alias reads a renamed key.
    async fn the_struct_may_change(store) {
        let token = written_before(&store).await;
        let session = open(&store, &token).await;
        assert_eq!(session.cart().await.unwrap(), ["tea"]);
        assert_eq!(session.added().await.unwrap(), 9);
        assert_eq!(session.keys().await.unwrap(), ["cart", "number"]);
        session.update_cart(|cart| cart.push("milk".into())).await.unwrap();
        // Every write of the field takes its aliases away.
        let before = SessionManager::<Before>::new(store.clone()).open(&token).await.unwrap().unwrap();
        assert!(!before.has_basket().await.unwrap());
        assert_eq!(before.gone().await.unwrap().as_deref(), Some("forgotten"));
        assert_eq!(open(&store, &token).await.cart().await.unwrap(), ["tea", "milk"]);
    }

    /// A value of another shape counts as absent by `on_mismatch`: in `keys` and in `has`, whichever is asked first, and whether
    /// the field is lazy or not.
    async fn what_counts_as_absent_has_no_key(store) {
        let token = written_before(&store).await;
        for keys_first in [true, false] {
            let session = SessionManager::<Forgiving>::new(store.clone()).open(&token).await.unwrap().unwrap();
            if keys_first {
                assert_eq!(session.keys().await.unwrap(), ["gone"]);
            }
            assert!(!session.has_number().await.unwrap());
            assert!(!session.has_basket().await.unwrap());
            assert!(session.has_gone().await.unwrap());
            assert!(!session.has_never().await.unwrap());
            assert_eq!(session.keys().await.unwrap(), ["gone"]);
            let values = (session.number().await.unwrap(), session.basket().await.unwrap(), session.never().await.unwrap());
            assert_eq!(values, (None, 0, 9));
        }
        // A value of its own makes each there, before and after it is stored.
        let session = SessionManager::<Forgiving>::new(store.clone()).open(&token).await.unwrap().unwrap().buffered();
        session.set_basket(7).await.unwrap();
        session.set_number("a text now".into()).await.unwrap();
        for _ in 0..2 {
            assert_eq!(session.keys().await.unwrap(), ["number", "basket", "gone"]);
            assert!(session.has_number().await.unwrap() && session.has_basket().await.unwrap());
            session.commit().await.unwrap();
        }
    }

    /// Removing, taking and setting a field each take its aliases along.
    async fn aliases_go_with_their_field(store) {
        for how in 0..3 {
            let token = written_before(&store).await;
            let session = open(&store, &token).await;
            match how {
                0 => session.remove_cart().await.unwrap(),
                1 => assert_eq!(session.take_cart().await.unwrap(), Some(vec!["tea".to_owned()])),
                _ => session.set_cart(vec![]).await.unwrap(),
            }
            assert_eq!(open(&store, &token).await.cart().await.unwrap(), Vec::<String>::new());
            let before = SessionManager::<Before>::new(store.clone()).open(&token).await.unwrap().unwrap();
            assert!(!before.has_basket().await.unwrap(), "way {how}");
        }
    }

    /// Rule 11: a value that does not decode is an error of its field alone; its bytes stay until somebody replaces them.
    async fn a_value_that_does_not_decode_disturbs_no_other(store) {
        let token = written_before(&store).await;
        let session = open(&store, &token).await;
        let failed = [
            session.number().await.map(drop),
            session.take_number().await.map(drop),
            session.update_number(|_| ()).await,
            session.snapshot().await.map(drop),
        ];
        assert!(failed.iter().all(|result| matches!(result, Err(SessionError::Schema { field: "number", .. }))), "{failed:?}");
        assert_eq!(session.cart().await.unwrap(), ["tea"]);
        session.set_cart(vec!["milk".into()]).await.unwrap();
        let before = SessionManager::<Before>::new(store.clone()).open(&token).await.unwrap().unwrap();
        assert_eq!(before.number().await.unwrap(), 42, "the bytes stay");
        session.set_number("a text now".into()).await.unwrap();
        assert_eq!(session.number().await.unwrap().as_deref(), Some("a text now"));
    }

    /// Large and nested values come back as they were.
    async fn complex_values_come_back(store) {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        enum Shape { Point, Circle(f64), Polygon { corners: Vec<(i64, i64)>, name: Option<String> } }

        #[derive(SessionData)]
        struct Drawing { shapes: HashMap<String, Vec<Shape>>, page: Vec<u8> }

        let shapes = HashMap::from([
            ("one".to_owned(), vec![Shape::Point, Shape::Circle(f64::MIN_POSITIVE)]),
            ("zwei ☂".to_owned(), vec![Shape::Polygon { corners: vec![(i64::MIN, i64::MAX)], name: None }]),
        ]);
        let sessions = SessionManager::<Drawing>::new(store);
        let session = sessions.start().buffered();
        session.set_shapes(shapes.clone()).await.unwrap();
        session.set_page(vec![0xa5; 5_000_000]).await.unwrap();
        session.commit().await.unwrap();
        let found = sessions.open(&session.token().unwrap()).await.unwrap().unwrap().snapshot().await.unwrap();
        assert_eq!(found.shapes, shapes);
        assert!(found.page.len() == 5_000_000 && found.page.iter().all(|byte| *byte == 0xa5));
    }
}

/// A value that is too large is refused when it is set, with its size and the limit; what was there stays.
#[tokio::test]
async fn a_value_that_is_too_large_is_refused() {
    let (store, _kept) = session_tests::memory().await;
    let session = SessionManager::<Shop>::new(store).start();
    session.set_flash("small".into()).await.unwrap();
    match session.set_flash("x".repeat(9 << 20)).await {
        Err(SessionError::TooLarge { field, size, limit, .. }) => {
            assert_eq!((field, limit), ("flash", 8 << 20));
            assert!(size > 9 << 20);
        }
        other => panic!("expected TooLarge, got {other:?}"),
    }
    assert!(matches!(
        session.update_flash(|flash| *flash = Some("x".repeat(9 << 20))).await,
        Err(SessionError::TooLarge { field: "flash", .. })
    ));
    assert_eq!(session.flash().await.unwrap().as_deref(), Some("small"));
}

/// A value that can't be encoded is refused when it is set.
#[tokio::test]
async fn a_value_that_does_not_encode_is_refused() {
    #[derive(Deserialize)]
    struct Unwritable;

    impl Serialize for Unwritable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no"))
        }
    }

    #[derive(SessionData)]
    struct Odd {
        value: Option<Unwritable>,
    }

    let (store, _kept) = session_tests::memory().await;
    let session = SessionManager::<Odd>::new(store).start();
    assert!(matches!(session.set_value(Unwritable).await, Err(SessionError::Encode { field: "value", .. })));
    assert_eq!(session.id(), None, "nothing was begun");
}
