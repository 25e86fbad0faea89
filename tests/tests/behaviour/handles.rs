//! Handles without HTTP: `start`, `open`, `buffered`, and what they tell.

use futures_util::FutureExt as _;
use session_runtime::testing::{Fault, FaultyStore, ManualClock, Operation};
use session_runtime::{MemoryStore, SessionError, SessionManager, Token};
use session_tests::{Events, Shop, Theme, on_each_store};

on_each_store! {
    /// A started session exists once something is set, and its token opens it.
    async fn a_started_session_exists_once_it_is_set(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        assert!(session.is_new());
        assert_eq!((session.id(), session.token()), (None, None));
        assert_eq!(session.cart().await.unwrap(), Vec::<String>::new());
        assert_eq!(session.id(), None, "reading begins nothing");
        session.set_cart(vec!["tea".into()]).await.unwrap();
        let token = session.token().unwrap();
        assert_eq!(session.id(), Some(token.id()));
        let again = sessions.open(&token).await.unwrap().unwrap();
        assert_eq!((again.id(), again.is_new()), (Some(token.id()), false));
        assert_eq!(again.cart().await.unwrap(), ["tea"]);
    }

    /// A token of another secret opens nothing, and neither does one of another ID.
    async fn only_the_whole_token_opens(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let (one, two) = (sessions.start(), sessions.start());
        one.set_count(1).await.unwrap();
        two.set_count(2).await.unwrap();
        let (one, two) = (one.token().unwrap().to_string(), two.token().unwrap().to_string());
        // The first 21 characters are of the ID alone, the last 21 of the secret alone.
        let mixed: Token = format!("{}{}", &one[..22], &two[22..]).parse().unwrap();
        assert!(sessions.open(&mixed).await.unwrap().is_none());
    }

    /// A buffered handle stores everything in one commit, and nothing before it.
    async fn a_buffered_handle_stores_at_commit(store) {
        let store = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(store.clone());
        let session = sessions.start().buffered();
        session.set_cart(vec!["tea".into()]).await.unwrap();
        session.set_theme(Theme::Light).await.unwrap();
        session.update_count(|count| *count += 5).await.unwrap();
        assert_eq!(store.calls(), []);
        session.commit().await.unwrap();
        assert_eq!(store.calls(), [Operation::Commit]);
        let again = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
        let snapshot = again.snapshot().await.unwrap();
        assert_eq!((snapshot.cart, snapshot.theme, snapshot.count), (vec!["tea".into()], Theme::Light, 5));
    }

    /// All clones share one state.
    async fn clones_share_their_state(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start().buffered();
        let clone = session.clone();
        session.set_count(3).await.unwrap();
        assert_eq!(clone.count().await.unwrap(), 3);
        clone.commit().await.unwrap();
        assert_eq!(session.token(), clone.token());
    }

    /// After a rotation by hand, the handle goes on and the token before it does not.
    async fn a_direct_handle_rotates_at_once(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        let first = session.token().unwrap();
        session.regenerate().await.unwrap();
        let second = session.token().unwrap();
        assert_eq!(first.id(), second.id());
        assert_ne!(first, second);
        session.set_user(7).await.unwrap();
        let third = session.token().unwrap();
        session.set_count(2).await.unwrap();
        for old in [first, second] {
            assert!(sessions.open(&old).await.unwrap().is_none());
        }
        assert_eq!(sessions.open(&third).await.unwrap().unwrap().count().await.unwrap(), 2);
    }

    /// A handle whose session was destroyed by another gets `Gone`, and changes nothing.
    async fn a_handle_of_an_ended_session_is_told(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        let token = session.token().unwrap();
        let other = sessions.open(&token).await.unwrap().unwrap();
        other.destroy().await.unwrap();
        assert!(matches!(session.set_count(2).await, Err(SessionError::Gone)));
        assert!(matches!(session.update_count(|count| *count += 1).await, Err(SessionError::Gone)));
        assert_eq!(session.take_flash().await.unwrap(), None, "nothing is there to be taken");
        assert!(matches!(session.remove_cart().await, Err(SessionError::Gone)));
        assert!(matches!(session.regenerate().await, Err(SessionError::Gone)));
        assert!(sessions.open(&token).await.unwrap().is_none());
        session.destroy().await.expect("there is nothing left to destroy");
    }
}

/// The lifetimes that a handle tells are those of the design.
#[tokio::test]
async fn a_handle_tells_its_times() {
    let clock = ManualClock::new();
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).clock(&clock).build().unwrap();
    let session = sessions.start();
    assert_eq!(session.created_at().await.unwrap(), None);
    assert_eq!(session.expires_at().await.unwrap(), None);
    session.set_count(1).await.unwrap();
    let created = clock.now();
    assert_eq!(session.created_at().await.unwrap(), Some(created));
    let hour = std::time::Duration::from_secs(3600);
    assert_eq!(session.expires_at().await.unwrap(), Some(created + hour), "the token did not come back yet");
    assert_eq!(session.last_authenticated().await.unwrap(), None);
    assert!(!session.is_fresh(hour).await.unwrap());
    session.set_user(7).await.unwrap();
    assert_eq!(session.last_authenticated().await.unwrap(), Some(created));
    clock.advance(hour / 2);
    assert!(session.is_fresh(hour / 2).await.unwrap());
    clock.advance(std::time::Duration::from_secs(1));
    assert!(!session.is_fresh(hour / 2).await.unwrap());
}

/// Changes that nobody commits are reported, with their fields and without their values.
#[tokio::test]
async fn a_buffer_that_is_dropped_is_reported() {
    let events = Events::collect();
    let session = SessionManager::<Shop>::new(MemoryStore::new()).start().buffered();
    session.set_flash("confidential".into()).await.unwrap();
    session.remove_cart().await.unwrap();
    drop(session);
    assert_eq!(events.count("buffered session changes were dropped"), 1, "{}", events.text());
    assert!(events.text().contains(r#"["flash", "cart"]"#), "{}", events.text());
    assert!(!events.text().contains("confidential"));
    assert!(events.text().contains("may_be_stored=false"), "{}", events.text());
}

/// Whether a commit was made that nobody waited for is not known.
#[tokio::test]
async fn a_buffer_that_is_dropped_in_the_middle_of_its_commit_says_so() {
    let events = Events::collect();
    let faulty = FaultyStore::new(MemoryStore::new());
    let session = SessionManager::<Shop>::new(faulty.clone()).start().buffered();
    session.set_count(1).await.unwrap();
    faulty.inject(1, Fault::Delay(std::time::Duration::from_secs(3600)));
    assert!(session.commit().now_or_never().is_none());
    drop(session);
    assert!(events.text().contains("may_be_stored=true"), "{}", events.text());
}

/// Sweeping deletes what has expired, by hand and in the background.
#[tokio::test]
async fn a_sweep_frees_expired_sessions() {
    let clock = ManualClock::new();
    let store = std::sync::Arc::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::builder(store.clone()).clock(&clock).build().unwrap();
    for _ in 0..3 {
        sessions.start().set_count(1).await.unwrap();
    }
    assert_eq!(sessions.sweep().await.unwrap(), 0);
    clock.advance(std::time::Duration::from_secs(3600));
    assert_eq!((sessions.sweep().await.unwrap(), store.len()), (3, 0));

    sessions.start().set_count(1).await.unwrap();
    clock.advance(std::time::Duration::from_secs(3600));
    let sweeper = sessions.spawn_sweeper(std::time::Duration::from_millis(1));
    while !store.is_empty() {
        tokio::task::yield_now().await;
    }
    sweeper.stop().await;
}

/// A bounded store drives out those who never came back before those who did.
#[tokio::test]
async fn a_bounded_store_keeps_its_bound() {
    let store = std::sync::Arc::new(MemoryStore::bounded(10));
    let sessions = SessionManager::<Shop>::new(store.clone());
    let mut regulars = Vec::new();
    for _ in 0..5 {
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        let token = session.token().unwrap();
        sessions.open(&token).await.unwrap().unwrap();
        regulars.push(token);
    }
    for _ in 0..100 {
        sessions.start().set_count(1).await.unwrap();
        assert!(store.len() <= 10);
    }
    assert_eq!(store.len(), 10);
    for token in regulars {
        assert!(sessions.open(&token).await.unwrap().is_some(), "somebody who came back was driven out");
    }
}

/// Where nobody has to be waited for, no timer is needed: a runtime without one can update and take.
#[test]
fn updates_need_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let sessions = SessionManager::<Shop>::new(MemoryStore::new());
        let session = sessions.start();
        session.update_count(|count| *count += 1).await.unwrap();
        session.set_flash("once".into()).await.unwrap();
        let again = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
        again.update_count(|count| *count += 1).await.unwrap();
        assert_eq!(again.take_flash().await.unwrap().as_deref(), Some("once"));
        assert_eq!(again.take_flash().await.unwrap(), None);
        assert_eq!(again.count().await.unwrap(), 2);
    });
}
