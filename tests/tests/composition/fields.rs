//! The fields of slices, through the slice and through the whole.

use std::time::Duration;

use session_runtime::testing::{FaultyStore, ManualClock, Operation};
use session_runtime::{MemoryStore, SessionData, SessionError, SessionManager};
use session_tests::on_each_store;

use super::{Account, App, Auth, Messages, live_session};

on_each_store! {
    async fn keys_are_those_of_the_slice_in_the_order_of_the_structs(store) {
        let sessions = SessionManager::<App>::new(store);
        let session = sessions.open(&live_session(&sessions).await).await.unwrap().unwrap();
        let all = ["visits", "auth.devices", "auth.attempts", "account.name", "flash", "cart", "history"];
        assert_eq!(session.keys().await.unwrap(), all);
        assert_eq!(session.account().keys().await.unwrap(), all[1..4]);
        assert_eq!(session.account().auth().keys().await.unwrap(), all[1..3]);
        assert_eq!(session.messages().keys().await.unwrap(), all[4..5]);
    }

    async fn a_snapshot_is_of_the_slice_or_of_the_whole(store) {
        let sessions = SessionManager::<App>::new(store);
        let token = live_session(&sessions).await;
        let session = sessions.open(&token).await.unwrap().unwrap();
        let auth = || Auth { user: None, code: None, devices: vec!["phone".into()], attempts: 1 };
        assert_eq!(session.account().auth().snapshot().await.unwrap(), auth());
        let account = || Account { auth: auth(), name: Some("Ada".into()) };
        assert_eq!(session.account().snapshot().await.unwrap(), account());
        assert_eq!(session.snapshot().await.unwrap(), App {
            visits: 7,
            account: account(),
            messages: Messages { flash: vec!["hello".into()] },
            cart: vec!["tea".into()],
            history: vec![1, 2],
        });
    }

    /// Through the slice and through the whole, by handles that each have a state of their own.
    async fn no_update_is_lost_between_a_slice_and_the_whole(store) {
        let sessions = SessionManager::<App>::new(store);
        let token = live_session(&sessions).await;
        let (whole, slice) = (sessions.clone(), sessions.slice::<Account>().slice::<Auth>());
        let by_whole = tokio::spawn(async move {
            for _ in 0..50 {
                let session = whole.open(&token).await.unwrap().unwrap();
                session.account().auth().update_attempts(|attempts| *attempts += 1).await.unwrap();
                session.set_visits(9).await.unwrap();
            }
        });
        let by_slice = tokio::spawn(async move {
            for _ in 0..50 {
                let session = slice.open(&token).await.unwrap().unwrap();
                session.update_attempts(|attempts| *attempts += 1).await.unwrap();
            }
        });
        by_whole.await.unwrap();
        by_slice.await.unwrap();
        let session = sessions.open(&token).await.unwrap().unwrap();
        assert_eq!(session.account().auth().attempts().await.unwrap(), 101);
        assert_eq!((session.visits().await.unwrap(), session.cart().await.unwrap()), (9, vec!["tea".to_owned()]));
    }

    async fn of_a_slice_and_the_whole_one_takes_a_value(store) {
        let sessions = SessionManager::<App>::new(store);
        for _ in 0..20 {
            let token = live_session(&sessions).await;
            let one = sessions.open(&token).await.unwrap().unwrap();
            let other = sessions.slice::<Messages>().open(&token).await.unwrap().unwrap();
            let one = tokio::spawn(async move { one.messages().take_flash().await.unwrap() });
            let other = tokio::spawn(async move { other.take_flash().await.unwrap() });
            let taken = [one.await.unwrap(), other.await.unwrap()];
            assert_eq!(taken.iter().flatten().count(), 1, "{taken:?}");
        }
    }
}

#[tokio::test]
async fn a_field_of_a_slice_ends_by_its_own_ttl() {
    let clock = ManualClock::new();
    let sessions = SessionManager::<App>::builder(MemoryStore::new()).clock(&clock).build().unwrap();
    let session = sessions.start();
    let auth = session.account().auth();
    auth.set_code("1234".into()).await.unwrap();
    clock.advance(Duration::from_secs(10 * 60));
    // An update keeps to the expiry that the value has.
    auth.update_code(|code| code.as_mut().unwrap().push('5')).await.unwrap();
    assert_eq!(session.account().auth().code().await.unwrap().as_deref(), Some("12345"));
    clock.advance(Duration::from_secs(5 * 60));
    assert_eq!((auth.code().await.unwrap(), session.keys().await.unwrap()), (None, vec![]));

    auth.set_code("6789".into()).ttl(Duration::from_secs(60)).await.unwrap();
    clock.advance(Duration::from_secs(59));
    assert!(auth.has_code().await.unwrap());
    clock.advance(Duration::from_secs(1));
    assert!(!session.account().auth().has_code().await.unwrap());
}

#[tokio::test]
async fn a_lazy_field_of_a_slice_is_loaded_when_it_is_asked_for() {
    let (sessions, store, token) = counted().await;
    let session = sessions.slice::<Account>().slice::<Auth>().open(&token).await.unwrap().unwrap();
    assert_eq!(session.attempts().await.unwrap(), 1);
    assert!(session.has_devices().await.unwrap());
    assert_eq!(store.calls(), [Operation::Load], "whether it is there is known");
    assert_eq!(session.devices().await.unwrap(), ["phone"]);
    assert_eq!(session.devices().await.unwrap(), ["phone"]);
    assert_eq!(store.calls(), [Operation::Load, Operation::Load]);
}

/// A slice's snapshot does not load what is lazy elsewhere.
#[tokio::test]
async fn a_snapshot_of_a_slice_is_at_most_one_trip_more() {
    let (sessions, store, token) = counted().await;
    let session = sessions.open(&token).await.unwrap().unwrap();
    session.account().snapshot().await.unwrap();
    assert_eq!(store.calls(), [Operation::Load, Operation::Load], "the first is `open`");
    session.account().auth().devices().await.unwrap();
    assert_eq!(store.calls().len(), 2);
    assert_eq!(session.history().await.unwrap(), [1, 2]);
    assert_eq!(store.calls().len(), 3, "it was not loaded with the slice");
}

#[tokio::test]
async fn a_buffered_handle_commits_all_slices_at_once() {
    let (sessions, store, _) = counted().await;
    let session = sessions.start().buffered();
    session.account().auth().set_attempts(2).await.unwrap();
    session.messages().set_flash(vec!["hello".into()]).await.unwrap();
    assert_eq!(store.calls(), []);
    // Of any handle: they share one state.
    session.account().commit().await.unwrap();
    assert_eq!(store.calls(), [Operation::Commit]);
    assert_eq!(session.account().token(), session.token());
}

/// The keys of another slice in types that they don't have.
#[derive(SessionData)]
struct Foreign {
    flash: u64,
}

#[tokio::test]
async fn a_slice_works_beside_one_whose_values_have_another_shape() {
    let store = FaultyStore::new(MemoryStore::new());
    let foreign = SessionManager::<Foreign>::new(store.clone()).start();
    foreign.set_flash(7).await.unwrap();
    let session = SessionManager::<App>::new(store).open(&foreign.token().unwrap()).await.unwrap().unwrap();
    assert!(matches!(session.messages().flash().await, Err(SessionError::Schema { field: "flash", .. })));
    assert!(matches!(session.snapshot().await, Err(SessionError::Schema { field: "flash", .. })));
    assert_eq!(session.account().snapshot().await.unwrap().auth.attempts, 0);
    session.account().auth().set_attempts(1).await.unwrap();
    assert_eq!(session.account().auth().attempts().await.unwrap(), 1);
    assert_eq!(foreign.flash().await.unwrap(), 7, "the bytes stay");
}

async fn counted() -> (SessionManager<App>, FaultyStore, session_runtime::Token) {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<App>::new(store.clone());
    let token = live_session(&sessions).await;
    store.forget();
    (sessions, store, token)
}
