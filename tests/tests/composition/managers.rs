//! Managers of a slice: those of the whole, and those of a library that has a store for itself.

use session_runtime::{MemoryStore, SessionError, SessionManager};
use session_tests::on_each_store;

use super::{Account, App, Auth, Messages, live_session};

on_each_store! {
    async fn a_slice_of_a_manager_starts_sessions_of_the_whole(store) {
        let sessions = SessionManager::<App>::new(store);
        let auth = sessions.slice::<Account>().slice::<Auth>().start();
        assert!(auth.is_new());
        auth.set_user(7).await.unwrap();
        let session = sessions.open(&auth.token().unwrap()).await.unwrap().unwrap();
        assert_eq!(session.id(), auth.id());
        session.set_cart(vec!["tea".into()]).await.unwrap();
        assert_eq!(session.snapshot().await.unwrap().account.auth.user, Some(7));
        assert_eq!(auth.keys().await.unwrap(), ["auth.user"]);
    }

    async fn a_slice_of_a_manager_opens_sessions_of_the_whole(store) {
        let sessions = SessionManager::<App>::new(store);
        let token = live_session(&sessions).await;
        let auth = sessions.slice::<Account>().slice::<Auth>();
        let slice = auth.open(&token).await.unwrap().unwrap();
        assert_eq!((slice.attempts().await.unwrap(), slice.id()), (1, Some(token.id())));
        slice.set_user(7).await.unwrap();
        assert!(auth.open(&token).await.unwrap().is_none(), "superseded");
        slice.destroy().await.unwrap();
        assert!(sessions.open(&token).await.unwrap().is_none());
    }

    /// A library that was used alone before its application had a schema: one store, two managers.
    async fn the_application_opens_what_the_librarys_own_manager_stored(store) {
        let alone = SessionManager::<Auth>::new(store.clone()).start();
        alone.set_attempts(3).await.unwrap();
        alone.set_code("1234".into()).await.unwrap();
        alone.set_devices(vec!["phone".into()]).await.unwrap();
        let session = SessionManager::<App>::new(store).open(&alone.token().unwrap()).await.unwrap().unwrap();
        let auth = session.account().auth().snapshot().await.unwrap();
        assert_eq!(auth, Auth { user: None, code: Some("1234".into()), devices: vec!["phone".into()], attempts: 3 });
        assert_eq!(session.keys().await.unwrap(), ["auth.code", "auth.devices", "auth.attempts"]);
    }

    /// What the library's manager writes, also in a session that it rotates, leaves the application's fields as they are.
    async fn the_librarys_own_manager_opens_what_the_application_stored(store) {
        let (whole, alone) = (SessionManager::<App>::new(store.clone()), SessionManager::<Auth>::new(store));
        let token = live_session(&whole).await;
        let auth = alone.open(&token).await.unwrap().unwrap();
        assert_eq!(auth.keys().await.unwrap(), ["auth.devices", "auth.attempts"]);
        auth.update_attempts(|attempts| *attempts += 1).await.unwrap();
        auth.set_user(7).await.unwrap();
        let session = whole.open(&auth.token().unwrap()).await.unwrap().unwrap();
        let snapshot = session.snapshot().await.unwrap();
        assert_eq!((snapshot.account.auth.user, snapshot.account.auth.attempts), (Some(7), 2));
        assert_eq!((snapshot.cart, snapshot.history), (vec!["tea".into()], vec![1, 2]));
        auth.destroy().await.unwrap();
        assert!(matches!(session.set_visits(9).await, Err(SessionError::Gone)));
    }
}

#[tokio::test]
async fn a_slice_of_a_session_is_the_same_session() {
    let sessions = SessionManager::<App>::new(MemoryStore::new());
    let session = sessions.start();
    let messages = session.slice::<Messages>();
    messages.set_flash(vec!["hello".into()]).await.unwrap();
    assert_eq!((session.id(), session.token()), (messages.id(), messages.token()));
    assert_eq!(session.messages().flash().await.unwrap(), ["hello"]);
    session.destroy().await.unwrap();
    assert_eq!((messages.id(), messages.flash().await.unwrap()), (None, vec![]));
}
