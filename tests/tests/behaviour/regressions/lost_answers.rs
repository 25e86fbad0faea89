//! Stores that fail, and answers that are lost: what was done is known, what was not is done once.

use super::*;

on_each_store! {
    /// A creation whose answer is lost, then `destroy`: the session is gone.
    async fn a_session_of_a_lost_creation_can_be_destroyed(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start();
        lose(&faulty);
        session.set_count(1).await.unwrap_err();
        let token = session.token().unwrap();
        session.destroy().await.unwrap();
        assert!(sessions.open(&token).await.unwrap().is_none(), "destroyed session lives");
    }

    /// A destroyed session is not brought back by a commit that is asked again.
    async fn a_commit_asked_again_brings_no_destroyed_session_back(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start();
        faulty.inject(1, Fault::LoseRequest);
        faulty.inject(2, Fault::LoseRequest);
        session.set_count(1).await.unwrap_err();
        let token = session.token().unwrap();
        session.destroy().await.unwrap();
        assert!(sessions.open(&token).await.unwrap().is_none());
        session.set_theme(session_tests::Theme::Light).await.unwrap();
        assert!(sessions.open(&token).await.unwrap().is_none(), "destroyed session came back");
    }

    /// `regenerate` after a creation whose outcome is unknown: the cookie opens the session.
    async fn a_lost_creation_then_regenerated_has_a_cookie_that_opens_it(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, None, move |session| async move {
            session.set_count(1).await?;
            lose(&f);
            session.commit().await.unwrap_err();
            session.regenerate().await
        }).await;
        let token: Token = cookie.expect("cookie").parse().unwrap();
        assert!(sessions.open(&token).await.unwrap().is_some(), "{status}: the cookie that was sent opens nothing");
    }

    /// A commit to an unknown token that is asked again does not end the session that began since.
    async fn a_commit_to_an_unknown_token_does_not_end_the_session_begun_since(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let f = faulty.clone();
        let forged = session_tests::forged_token().await;
        let (status, cookie) = send(&sessions, Some(forged), move |session| async move {
            session.set_count(1).await?;
            lose(&f);
            session.commit().await.unwrap_err();
            session.has_cart().await?;
            session.set_theme(session_tests::Theme::Light).await
        }).await;
        assert!(cookie.is_some(), "{status}: write lost, no session");
    }

    /// An answer is lost, and asking again fails: what was written since is stored all the same.
    async fn what_was_written_after_a_lost_answer_is_stored(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let session = sessions.open(&token).await.unwrap().unwrap().buffered();
        session.set_count(5).await.unwrap();
        faulty.inject(1, Fault::LoseAnswer);
        faulty.inject(2, Fault::Fail);
        session.commit().await.unwrap_err();
        session.set_cart(vec!["tea".into()]).await.unwrap();
        session.commit().await.unwrap();
        let f = sessions.open(&token).await.unwrap().unwrap().snapshot().await.unwrap();
        assert_eq!((f.count, f.cart.len()), (5, 1), "commit() said Ok");
    }

    /// The same for a creation.
    async fn what_was_written_after_a_lost_creation_is_stored(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start();
        faulty.inject(1, Fault::LoseAnswer);
        faulty.inject(2, Fault::Fail);
        session.set_count(5).await.unwrap_err();
        session.set_cart(vec!["tea".into()]).await.unwrap();
        let f = sessions.open(&session.token().unwrap()).await.unwrap().unwrap().snapshot().await.unwrap();
        assert_eq!(f.cart.len(), 1, "set said Ok");
    }

    /// The same for a rotation.
    async fn what_was_written_after_a_lost_rotation_is_stored(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let session = sessions.open(&token).await.unwrap().unwrap().buffered();
        session.count().await.unwrap();
        session.regenerate().await.unwrap();
        faulty.inject(1, Fault::LoseAnswer);
        faulty.inject(2, Fault::Fail);
        session.commit().await.unwrap_err();
        session.update_count(|c| *c += 1).await.unwrap();
        let f = sessions.open(&session.token().unwrap()).await.unwrap().unwrap().snapshot().await.unwrap();
        assert_eq!(f.count, 2, "update said Ok");
    }

    /// A rotation was stored, then the final commit fails: its cookie is sent all the same.
    async fn a_stored_rotation_sends_its_cookie_though_the_last_commit_fails(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, Some(token), move |session| async move {
            session.regenerate().await?;
            session.commit().await?;
            session.set_count(9).await?;
            f.inject(1, Fault::Fail);
            Ok(())
        }).await;
        let now = cookie.map_or(token, |c| c.parse().unwrap());
        assert_eq!(status, 500);
        assert!(sessions.open(&now).await.unwrap().is_some(), "a failing store signed the visitor out");
    }

    /// The session was destroyed, then the final commit fails: the cookie is removed all the same.
    async fn a_destroyed_session_removes_its_cookie_though_the_last_commit_fails(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, Some(token), move |session| async move {
            session.destroy().await?;
            session.set_count(9).await?;
            f.inject(1, Fault::Fail);
            Ok(())
        }).await;
        assert_eq!((status, cookie.as_deref()), (500, Some("")), "removal cookies are always sent");
    }

    /// A read after a rotation whose outcome is unknown: the session goes on, with its new cookie.
    async fn after_a_lost_rotation_the_session_goes_on_with_its_new_cookie(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, Some(token), move |session| async move {
            session.set_user(7).await?;
            lose(&f);
            session.commit().await.unwrap_err();
            session.count().await?;
            Ok(())
        }).await;
        let now = cookie.map_or(token, |c| c.parse().unwrap());
        assert!(sessions.open(&now).await.unwrap().is_some(), "{status}: the visitor holds a token that opens nothing");
    }

    /// `destroy` after a rotation whose outcome is unknown: the session is gone.
    async fn after_a_lost_rotation_the_session_can_be_destroyed(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, Some(token), move |session| async move {
            session.regenerate().await?;
            lose(&f);
            session.commit().await.unwrap_err();
            session.destroy().await
        }).await;
        assert_eq!((status, cookie.as_deref()), (200, Some("")));
    }

    /// A commit of a superseded handle that is asked again gives it no access to the session after sign-in.
    async fn a_superseded_commit_asked_again_gives_no_access(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let old = sessions.open(&token).await.unwrap().unwrap();
        let victim = sessions.open(&token).await.unwrap().unwrap();
        lose(&faulty);
        old.set_flash("x".into()).await.unwrap_err();
        victim.set_user(7).await.unwrap();
        let result = old.set_cart(vec!["by the old holder".into()]).await;
        assert!(matches!(result, Err(SessionError::Gone)), "{result:?}: a superseded handle writes on");
    }

    /// A touch that fails does not keep a session from being opened.
    async fn a_touch_that_fails_does_not_keep_a_session_closed(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        faulty.inject(2, Fault::Fail);
        assert!(sessions.open(&session.token().unwrap()).await.is_ok(), "a touch that failed is an error of open");
    }

    /// A value that is set back to what was loaded, while a commit of another is open: it is what is stored.
    async fn a_value_set_back_while_a_commit_is_open_is_stored(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        let session = sessions.open(&token).await.unwrap().unwrap().buffered();
        assert_eq!(session.count().await.unwrap(), 1);
        session.set_count(2).await.unwrap();
        faulty.inject(1, Fault::LoseRequest);
        faulty.inject(2, Fault::LoseRequest);
        session.commit().await.unwrap_err();
        session.set_count(1).await.unwrap();
        session.commit().await.unwrap();
        assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 1);
    }
}

/// A commit whose outcome is unknown stays so when asking for it fails, for certain, later: nothing written since is lost.
#[tokio::test]
async fn a_failure_to_settle_settles_nothing() {
    let (store, _kept) = session_tests::memory().await;
    let faulty = FaultyStore::new(store);
    let sessions = SessionManager::<Shop>::new(faulty.clone());
    let session = sessions.start().buffered();
    session.set_count(1).await.unwrap();
    lose(&faulty);
    session.commit().await.unwrap_err();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    faulty.inject(1, Fault::Fail);
    session.commit().await.unwrap_err();
    session.commit().await.unwrap();
    let found = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!((found.count().await.unwrap(), found.cart().await.unwrap().len()), (1, 1));
}

/// A value of a new session, whose creation was lost in the store's answer, is taken once.
#[tokio::test]
async fn a_value_of_a_lost_creation_is_taken_once() {
    let (store, _kept) = session_tests::memory().await;
    let faulty = FaultyStore::new(store);
    let sessions = SessionManager::<Shop>::new(faulty.clone());
    let session = sessions.start().buffered();
    session.set_flash("x".into()).await.unwrap();
    lose(&faulty);
    session.commit().await.unwrap_err();
    assert_eq!(session.take_flash().await.unwrap().as_deref(), Some("x"));
    let twin = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!(twin.take_flash().await.unwrap(), None);
}

/// A creation that was given up arrives late, over another connection of the pool.
#[tokio::test]
async fn a_creation_that_arrives_late_brings_nothing_back() {
    use session_runtime::record::{Basis, ChangeSet, Create, Ending, Epoch, Guard, Outcome};
    use session_runtime::{SecretHash, SessionId};

    let (store, _kept) = session_tests::sqlite().await;
    let secret_hash = SecretHash::from_bytes([7; 32]);
    let begins = Create { secret_hash, epoch: Epoch::random(), idle: HOUR, absolute: HOUR };
    let begins = ChangeSet::new(Basis::Create(begins));
    let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(secret_hash));
    let now = std::time::SystemTime::now();
    let after = |seconds| Some(now + Duration::from_secs(seconds));
    for round in [0, 100] {
        assert!(matches!(store.commit(id, &begins, after(round)).await.unwrap(), Outcome::Applied { .. }));
        assert_eq!(store.destroy(id, guard, after(round)).await.unwrap(), Ending::Destroyed);
        assert_eq!(store.commit(id, &begins, after(round + 59)).await.unwrap(), Outcome::Gone);
        assert!(store.load(id, &[], after(round)).await.unwrap().is_none());
    }
    assert!(matches!(store.commit(id, &begins, after(160)).await.unwrap(), Outcome::Applied { .. }));
}
