//! Handlers that take slices of one session: one state, one cookie, and the store operations of one session.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::testing::{FaultyStore, ManualClock, Operation};
use session_runtime::{MemoryStore, Result, Session, SessionError, SessionManager};

use super::{Account, App, Auth, Messages, live_session, request};

fn manager() -> (SessionManager<App>, FaultyStore) {
    let store = FaultyStore::new(MemoryStore::new());
    (SessionManager::new(store.clone()), store)
}

#[tokio::test]
async fn all_slices_begin_one_session_in_one_commit() {
    let (sessions, store) = manager();
    let handler = |auth: Session<Auth>, messages: Session<Messages>, account: Session<Account>, app: Session<App>| async move {
        auth.set_attempts(3).await?;
        messages.set_flash(vec!["hello".into()]).await?;
        account.set_name("Ada".into()).await?;
        app.set_cart(vec!["tea".into()]).await?;
        assert_eq!((auth.id(), messages.id(), account.id()), (app.id(), app.id(), app.id()));
        assert_eq!((auth.token(), auth.is_new()), (app.token(), true));
        Ok::<_, SessionError>(())
    };
    let reply = request(&sessions, None, handler).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(store.calls(), [Operation::Commit]);

    let app = sessions.open(&reply.token()).await.unwrap().unwrap();
    let stored = app.snapshot().await.unwrap();
    assert_eq!((stored.account.auth.attempts, stored.messages.flash), (3, vec!["hello".into()]));
    assert_eq!((stored.account.name, stored.cart), (Some("Ada".into()), vec!["tea".into()]));
}

#[tokio::test]
async fn reads_through_all_slices_are_one_trip() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |auth: Session<Auth>, messages: Session<Messages>, app: Session<App>| async move {
        let account = app.account();
        let (attempts, flash, cart, keys) = tokio::join!(auth.attempts(), messages.flash(), app.cart(), account.keys());
        assert_eq!((attempts?, flash?, cart?), (1, vec!["hello".into()], vec!["tea".into()]));
        assert_eq!(keys?, ["auth.devices", "auth.attempts", "account.name"]);
        assert_eq!(account.auth().user().await?, None);
        Ok::<_, SessionError>(())
    };
    assert_eq!(request(&sessions, Some(token), handler).await.status, StatusCode::OK);
    assert_eq!(store.calls(), [Operation::Load]);
}

#[tokio::test]
async fn writes_through_all_slices_are_one_commit_and_load_nothing() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |auth: Session<Auth>, messages: Session<Messages>, app: Session<App>| async move {
        auth.set_attempts(2).await?;
        messages.remove_flash().await?;
        app.set_visits(8).await
    };
    assert_eq!(request(&sessions, Some(token), handler).await.status, StatusCode::OK);
    assert_eq!(store.calls(), [Operation::Commit]);
    let app = sessions.open(&token).await.unwrap().unwrap();
    assert_eq!((app.visits().await.unwrap(), app.messages().has_flash().await.unwrap()), (8, false));
}

/// Both ways: through the slice that is inside, and through the whole.
#[tokio::test]
async fn each_handle_reads_what_another_wrote() {
    let (sessions, _) = manager();
    let token = live_session(&sessions).await;
    let handler = |auth: Session<Auth>, app: Session<App>| async move {
        auth.set_attempts(5).await?;
        assert_eq!(app.account().auth().attempts().await?, 5);
        assert_eq!(app.snapshot().await?.account.auth.attempts, 5);
        app.account().auth().remove_attempts().await?;
        assert!(!auth.has_attempts().await?);
        Ok::<_, SessionError>(())
    };
    assert_eq!(request(&sessions, Some(token), handler).await.status, StatusCode::OK);
}

#[tokio::test]
async fn setting_what_another_handle_has_loaded_is_no_change() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |messages: Session<Messages>, app: Session<App>| async move {
        app.cart().await?;
        messages.set_flash(vec!["hello".into()]).await
    };
    assert_eq!(request(&sessions, Some(token), handler).await.status, StatusCode::OK);
    assert_eq!(store.calls(), [Operation::Load]);
}

/// A slice that is not used costs nothing, as a session that is not used.
#[tokio::test]
async fn a_slice_that_is_only_taken_costs_nothing() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |auth: Session<Auth>, app: Session<App>| async move {
        let _ = (auth.id(), app.account().auth().token());
    };
    let reply = request(&sessions, Some(token), handler).await;
    assert_eq!((reply.status, reply.cookies.len()), (StatusCode::OK, 0));
    assert_eq!(store.calls(), []);
}

#[tokio::test]
async fn a_rotate_field_of_a_slice_replaces_the_secret_of_the_whole() {
    let (sessions, store) = manager();
    let before = live_session(&sessions).await;
    store.forget();
    let handler = |auth: Session<Auth>, messages: Session<Messages>| async move {
        auth.set_user(7).await?;
        messages.set_flash(vec!["welcome".into()]).await?;
        assert!(messages.is_fresh(Duration::from_secs(1)).await?);
        Ok::<_, SessionError>(())
    };
    let reply = request(&sessions, Some(before), handler).await;
    assert_eq!(store.calls(), [Operation::Commit]);
    let after = reply.token();
    assert_eq!((after.id(), after == before), (before.id(), false));
    assert!(sessions.open(&before).await.unwrap().is_none(), "superseded");
    let app = sessions.open(&after).await.unwrap().unwrap();
    assert_eq!(app.account().auth().user().await.unwrap(), Some(7));
    assert!(app.last_authenticated().await.unwrap().is_some());
    assert_eq!(
        (app.cart().await.unwrap(), app.messages().flash().await.unwrap()),
        (vec!["tea".into()], vec!["welcome".into()])
    );
}

#[tokio::test]
async fn destroying_through_a_slice_ends_the_whole_session() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |messages: Session<Messages>, app: Session<App>| async move {
        app.set_visits(8).await?;
        messages.destroy().await?;
        assert_eq!((app.id(), app.cart().await?, app.visits().await?), (None, vec![], 0));
        assert_eq!(app.keys().await?, Vec::<&str>::new());
        Ok::<_, SessionError>(())
    };
    let reply = request(&sessions, Some(token), handler).await;
    assert_eq!(store.calls(), [Operation::Destroy]);
    let [cookie] = reply.cookies.as_slice() else { panic!("{reply:?}") };
    assert!(cookie.contains("Max-Age=0"), "{cookie}");
    assert!(sessions.open(&token).await.unwrap().is_none());
}

#[tokio::test]
async fn what_a_slice_sets_after_another_destroyed_begins_a_session_without_the_rest() {
    let (sessions, _) = manager();
    let token = live_session(&sessions).await;
    let handler = |auth: Session<Auth>, messages: Session<Messages>| async move {
        auth.destroy().await?;
        messages.set_flash(vec!["signed out".into()]).await
    };
    let next = request(&sessions, Some(token), handler).await.token();
    assert_ne!(next.id(), token.id());
    let app = sessions.open(&next).await.unwrap().unwrap();
    assert_eq!(app.keys().await.unwrap(), ["flash"]);
}

#[tokio::test]
async fn a_slice_regenerates_and_remembers_the_whole() {
    let (store, clock) = (FaultyStore::new(MemoryStore::new()), ManualClock::new());
    let sessions = SessionManager::<App>::builder(store.clone()).clock(&clock).build().unwrap();
    let before = live_session(&sessions).await;
    store.forget();
    let handler = |auth: Session<Auth>, messages: Session<Messages>| async move {
        auth.regenerate().await?;
        messages.remember(Duration::from_secs(100 * 24 * 60 * 60)).await
    };
    let reply = request(&sessions, Some(before), handler).await;
    assert_eq!(store.calls(), [Operation::Commit]);
    assert_ne!(reply.token(), before);
    assert!(reply.cookies[0].contains("Max-Age=8640000"), "{reply:?}");
}

/// `update` and `take` act on the store at once, and start from what another handle has buffered.
#[tokio::test]
async fn an_update_starts_from_what_another_handle_set() {
    let (sessions, store) = manager();
    let token = live_session(&sessions).await;
    store.forget();
    let handler = |messages: Session<Messages>, app: Session<App>| async move {
        app.messages().set_flash(vec!["one".into()]).await?;
        messages.update_flash(|flash| flash.push("two".into())).await?;
        assert_eq!(app.messages().take_flash().await?, Some(vec!["one".into(), "two".into()]));
        assert_eq!(messages.take_flash().await?, None);
        Ok::<_, SessionError>(())
    };
    assert_eq!(request(&sessions, Some(token), handler).await.status, StatusCode::OK);
    let app = sessions.open(&token).await.unwrap().unwrap();
    assert!(!app.messages().has_flash().await.unwrap());
    assert_eq!(app.cart().await.unwrap(), ["tea"]);
}

/// What a library writes to take part: it knows its slice and no more.
async fn count_attempt(auth: Session<Auth>) -> Result<String> {
    Ok(auth
        .update_attempts(|attempts| {
            *attempts += 1;
            *attempts
        })
        .await?
        .to_string())
}

/// The same handler under the application's layer and under one of the slice alone.
#[tokio::test]
async fn a_librarys_handler_works_under_any_layer_that_has_its_slice() {
    let (sessions, _) = manager();
    let token = live_session(&sessions).await;
    assert_eq!(request(&sessions, Some(token), count_attempt).await.text, "2");
    let alone = SessionManager::<Auth>::new(MemoryStore::new());
    assert_eq!(request(&alone, None, count_attempt).await.text, "1");
}
