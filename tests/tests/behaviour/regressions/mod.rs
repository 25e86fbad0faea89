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

mod lost_answers;
mod meanwhile;
mod renewals;

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

    /// What is removed and then taken, in a handle that has loaded, is removed.
    async fn a_removal_that_is_taken_again_is_stored(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.open(&begin(&sessions).await).await.unwrap().unwrap();
        session.set_user(7).await.unwrap();
        let token = session.token().unwrap();
        let session = sessions.open(&token).await.unwrap().unwrap().buffered();
        assert_eq!(session.user().await.unwrap(), Some(7));
        session.remove_user().await.unwrap();
        assert_eq!(session.take_user().await.unwrap(), None);
        session.commit().await.unwrap();
        assert!(sessions.open(&token).await.unwrap().is_none(), "signed out, it has another secret");
        assert_eq!(sessions.open(&session.token().unwrap()).await.unwrap().unwrap().user().await.unwrap(), None);
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
