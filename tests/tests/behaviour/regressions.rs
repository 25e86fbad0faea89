//! One test per defect that was found by reading and running, each named after what must hold.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use session_runtime::testing::{Fault, FaultyStore, ManualClock};
use session_runtime::{Session, SessionData, SessionError, SessionManager, Token};
use session_tests::{Events, Shop, on_each_store};
use tokio::sync::{Barrier, Notify};
use tower::ServiceExt as _;

type Handle = Session<Shop>;
const HOUR: Duration = Duration::from_secs(3600);

fn lose(faulty: &FaultyStore) {
    faulty.inject(1, Fault::LoseAnswer);
    faulty.inject(2, Fault::LoseAnswer);
}

async fn send<F, Fut>(sessions: &SessionManager<Shop>, token: Option<Token>, handler: F) -> (u16, Option<String>)
where
    F: FnOnce(Handle) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<(), SessionError>> + Send,
{
    let routes = Router::new().route("/", get(handler)).layer(sessions.layer());
    let mut request = Request::new(Body::empty());
    if let Some(token) = token {
        request.headers_mut().insert(header::COOKIE, format!("__Host-session={token}").parse().unwrap());
    }
    let response = routes.oneshot(request).await.unwrap();
    let cookie = response
        .headers()
        .get(header::SET_COOKIE)
        .map(|v| v.to_str().unwrap().split(['=', ';']).nth(1).unwrap().to_owned());
    (response.status().as_u16(), cookie)
}

async fn begin(sessions: &SessionManager<Shop>) -> Token {
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    let token = session.token().unwrap();
    // Somebody came back with it.
    sessions.open(&token).await.unwrap().unwrap();
    token
}

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

    /// After `destroy` nothing of the session before is seen.
    async fn after_destroy_nothing_of_before_is_seen(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start();
        lose(&faulty);
        session.set_count(41).await.unwrap_err();
        session.destroy().await.unwrap();
        session.set_theme(session_tests::Theme::Light).await.unwrap();
        assert_eq!(session.count().await.unwrap(), 0);
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

    /// `regenerate` while a clone creates the session: the cookie opens it.
    async fn regenerated_while_a_clone_creates_it_the_cookie_opens_it(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let f = faulty.clone();
        let (_, cookie) = send(&sessions, None, move |session| async move {
            session.set_count(1).await?;
            f.inject(1, Fault::Delay(Duration::from_millis(50)));
            let clone = session.clone();
            let commit = tokio::spawn(async move { clone.commit().await });
            // The store has been asked, and takes its time.
            while f.calls().is_empty() {
                tokio::task::yield_now().await;
            }
            session.regenerate().await?;
            commit.await.unwrap()
        }).await;
        let token: Token = cookie.expect("cookie").parse().unwrap();
        assert!(sessions.open(&token).await.unwrap().is_some(), "the cookie that was sent opens nothing");
    }

    /// `destroy`, then `set`, after a creation whose outcome is unknown: the new session has what was set.
    async fn what_is_set_after_destroy_is_in_the_new_session(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let f = faulty.clone();
        let (status, cookie) = send(&sessions, None, move |session| async move {
            session.set_count(1).await?;
            lose(&f);
            session.commit().await.unwrap_err();
            session.destroy().await?;
            session.set_count(2).await
        }).await;
        assert!(cookie.is_some(), "{status}: write lost, no session");
        let token: Token = cookie.unwrap().parse().unwrap();
        assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 2);
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

    /// Two requests at once that both renew the secret: both cookies open the session.
    async fn of_two_renewals_at_once_both_cookies_open_the_session(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let barrier = Arc::new(Barrier::new(2));
        let (b1, b2) = (barrier.clone(), barrier);
        let one = send(&sessions, Some(token), move |session| async move { session.count().await?; b1.wait().await; Ok(()) });
        let two = send(&sessions, Some(token), move |session| async move { session.count().await?; b2.wait().await; Ok(()) });
        let ((_, one), (_, two)) = tokio::join!(one, two);
        // Whatever answer the browser keeps last must open the session.
        for cookie in [one, two].into_iter().flatten() {
            let token: Token = cookie.parse().unwrap();
            assert!(sessions.open(&token).await.unwrap().is_some(), "a renewed cookie opens nothing");
        }
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

    /// A lazy field is read after another request signed in: the token is superseded, and signing in begins a session.
    async fn a_lazy_read_after_anothers_sign_in_is_superseded(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let token = begin(&sessions).await;
        sessions.open(&token).await.unwrap().unwrap().set_history(vec![1]).await.unwrap();
        let other = sessions.clone();
        let (status, cookie) = send(&sessions, Some(token), move |session| async move {
            session.count().await?;
            other.open(&token).await?.unwrap().regenerate().await?;
            session.history().await?;
            session.set_user(7).await
        }).await;
        assert!(cookie.is_some(), "{status}: setting a rotate field under a superseded token starts a new session");
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

    /// A value that ends with its TTL, set again without one, stays.
    async fn a_value_with_a_ttl_set_again_without_one_stays(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).build().unwrap();
        let token = begin(&sessions).await;
        let session = sessions.open(&token).await.unwrap().unwrap();
        session.set_count(5).ttl(Duration::from_secs(60)).await.unwrap();
        let session = sessions.open(&token).await.unwrap().unwrap();
        session.set_count(5).await.unwrap();
        clock.advance(Duration::from_secs(61));
        assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 5, "set without a TTL vanished");
    }

    /// Taking a `rotate` field that is absent rotates nothing, whatever was read before.
    async fn taking_an_absent_rotate_field_rotates_nothing(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let token = begin(&sessions).await;
        let (_, a) = send(&sessions, Some(token), |session| async move { session.take_user().await.map(drop) }).await;
        let (_, b) = send(&sessions, Some(token), |session| async move { session.count().await?; session.take_user().await.map(drop) }).await;
        assert_eq!(a.is_some(), b.is_some(), "alone, after a read");
    }

    /// A clone that rotates while the response is being finished: stored with its cookie, or refused.
    async fn a_rotation_while_the_response_is_finished_has_its_cookie_or_is_refused(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let (mut sent, mut ok, mut bad) = (0, 0, 0);
        for _ in 0..500 {
            let session = sessions.start().buffered();
            session.set_user(7).await.unwrap();
            session.commit().await.unwrap();
            let token = session.token().unwrap();
            let (tx, rx) = tokio::sync::oneshot::channel();
            let tx = Arc::new(std::sync::Mutex::new(Some(tx)));
            let (_, cookie) = send(&sessions, Some(token), move |session| async move {
                session.count().await?;
                let task = tokio::spawn(async move { session.take_user().await });
                let _ = tx.lock().unwrap().take().unwrap().send(task);
                Ok(())
            }).await;
            let result = rx.await.unwrap().await.unwrap();
            let now = cookie.map_or(token, |c| c.parse().unwrap());
            let opens = sessions.open(&now).await.unwrap().is_some();
            match (result, opens) { (Ok(_), true) => ok += 1, (Err(_), true) => sent += 1, _ => bad += 1 }
        }
        assert_eq!(bad, 0, "in time {ok}, refused {sent}");
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

    /// A late write of the request that renewed the secret does not end the one before: nobody has presented the new one.
    async fn a_late_write_of_the_renewing_request_keeps_the_token_before(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let kept = Arc::new(std::sync::Mutex::new(None));
        let keep = kept.clone();
        let (_, cookie) = send(&sessions, Some(token), move |session| async move { session.count().await?; *keep.lock().unwrap() = Some(session); Ok(()) }).await;
        assert!(cookie.is_some());
        let session = kept.lock().unwrap().take().unwrap();
        session.set_count(3).await.unwrap();
        clock.advance(Duration::from_secs(61));
        assert!(sessions.open(&token).await.unwrap().is_some(), "the successor was never presented, its predecessor ended");
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

    /// A renewed secret whose response was lost is renewed again.
    async fn a_renewed_secret_whose_response_was_lost_is_renewed_again(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let (_, lost) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
        assert!(lost.is_some());
        for _ in 0..20 {
            clock.advance(HOUR);
            let (_, next) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
            if next.is_some() { return; }
        }
        panic!("the answer with the renewed token was lost: this session is never renewed again");
    }

    /// Of two requests at once the first renews the secret, and its answer is lost: the second ends nothing that the visitor has.
    async fn a_request_beside_a_lost_renewal_ends_no_secret(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let first = begin(&sessions).await;
        clock.advance(HOUR);
        let (_, renewed) = send(&sessions, Some(first), |session| async move { session.count().await.map(drop) }).await;
        let token: Token = renewed.unwrap().parse().unwrap();
        clock.advance(HOUR);
        let (both_have_read, the_first_is_done) = (Arc::new(Barrier::new(2)), Arc::new(Notify::new()));
        let (read, done) = (both_have_read.clone(), the_first_is_done.clone());
        let second = send(&sessions, Some(token), move |session| async move {
            session.count().await?;
            read.wait().await;
            done.notified().await;
            Ok(())
        });
        let first = async {
            let lost = send(&sessions, Some(token), move |session| async move {
                session.count().await?;
                both_have_read.wait().await;
                Ok(())
            });
            assert!(lost.await.1.is_some(), "renewed");
            the_first_is_done.notify_one();
        };
        tokio::join!(first, second);
        clock.advance(Duration::from_secs(61));
        assert!(sessions.open(&token).await.unwrap().is_some(), "the visitor has no other");
    }

    /// A request that is under way while the secret is renewed twice by others, and the grace of the one it has is over: its changes
    /// are stored.
    async fn a_long_request_outlives_the_secret_it_came_with(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let read = |session: Handle| async move { session.count().await.map(drop) };
        let first = begin(&sessions).await;
        clock.advance(HOUR);
        let second: Token = send(&sessions, Some(first), read).await.1.unwrap().parse().unwrap();
        clock.advance(HOUR);
        let (has_read, others_are_done) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (told, done) = (has_read.clone(), others_are_done.clone());
        let long = send(&sessions, Some(second), move |session| async move {
            session.count().await?;
            told.notify_one();
            done.notified().await;
            session.set_count(9).await
        });
        let others = async {
            has_read.notified().await;
            let third: Token = send(&sessions, Some(second), read).await.1.unwrap().parse().unwrap();
            send(&sessions, Some(third), read).await;
            clock.advance(Duration::from_secs(61));
            others_are_done.notify_one();
            third
        };
        let ((status, _), third) = tokio::join!(long, others);
        assert_eq!(status, 200);
        assert_eq!(sessions.open(&third).await.unwrap().unwrap().count().await.unwrap(), 9);
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

    /// A handle that stores at once stores a value that is equal to what it once loaded.
    async fn a_direct_handle_stores_a_value_equal_to_what_it_loaded(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let token = begin(&sessions).await;
        let old = sessions.open(&token).await.unwrap().unwrap();
        let other = sessions.open(&token).await.unwrap().unwrap();
        other.set_count(2).await.unwrap();
        old.set_count(1).await.unwrap();
        assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 1, "a write on a direct handle was skipped");
    }

    /// And is told that the session has ended.
    async fn setting_an_equal_value_tells_that_the_session_has_ended(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let token = begin(&sessions).await;
        let old = sessions.open(&token).await.unwrap().unwrap();
        sessions.open(&token).await.unwrap().unwrap().destroy().await.unwrap();
        assert!(old.set_count(1).await.is_err(), "each write commits at once");
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

/// An error tells what is wrong with a stored value, and not the value.
#[tokio::test]
async fn a_decode_error_does_not_quote_the_value() {
    #[derive(SessionData)]
    struct Before {
        note: String,
    }

    #[derive(SessionData)]
    struct After {
        note: Option<Strict>,
    }

    #[derive(serde::Serialize)]
    struct Strict(u8);

    impl<'de> serde::Deserialize<'de> for Strict {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
            let text = String::deserialize(from)?;
            Err(serde::de::Error::invalid_value(serde::de::Unexpected::Str(&text), &"a number"))
        }
    }

    let (store, _kept) = session_tests::memory().await;
    let before = SessionManager::<Before>::new(store.clone()).start();
    before.set_note("confidential".into()).await.unwrap();
    let after = SessionManager::<After>::new(store).open(&before.token().unwrap()).await.unwrap().unwrap();
    let error = after.note().await.map(|note| note.map(|note| note.0)).unwrap_err();
    let text = format!("{error:?} {error} {}", std::error::Error::source(&error).unwrap());
    assert!(text.contains("note") && !text.contains("confidential"), "{text}");
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

/// A renewed token that only writes after its grace is reported too.
#[tokio::test]
async fn reuse_by_a_blind_write_is_reported() {
    let events = Events::collect();
    let clock = ManualClock::new();
    let (store, _kept) = session_tests::memory().await;
    let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
    let token = begin(&sessions).await;
    clock.advance(HOUR);
    let (_, next) = send(&sessions, Some(token), |session| async move { session.count().await.map(drop) }).await;
    let next: Token = next.unwrap().parse().unwrap();
    send(&sessions, Some(next), |session| async move { session.count().await.map(drop) }).await;
    clock.advance(Duration::from_secs(61));
    send(&sessions, Some(token), |session| async move { session.set_count(9).await }).await;
    assert_eq!(events.count("somebody may have copied it"), 1);
}

/// A field of a new session that a clone sets while another changes it: the change starts again, from what was set.
#[tokio::test]
async fn a_set_during_an_update_of_a_new_session_is_kept() {
    let session = SessionManager::<Shop>::new(session_tests::memory().await.0).start().buffered();
    let clone = session.clone();
    let mut runs = 0;
    let change = |count: &mut u64| {
        runs += 1;
        if runs == 1 {
            let set =
                std::pin::pin!(clone.set_count(10)).poll(&mut std::task::Context::from_waker(std::task::Waker::noop()));
            assert!(matches!(set, std::task::Poll::Ready(Ok(()))));
        }
        *count += 1;
    };
    session.update_count(change).await.unwrap();
    assert_eq!((session.count().await.unwrap(), runs), (11, 2));
}
