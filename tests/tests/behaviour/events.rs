//! What happens to sessions is told: each thing once, with its reason, and with nothing that opens a session.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use session_runtime::SessionEvent::*;
use session_runtime::testing::{Fault, FaultyStore, ManualClock};
use session_runtime::{
    Builder, Deadline, OnLimit, OnReuse, RejectReason, RevokeReason, Session, SessionData, SessionError, SessionEvent,
    SessionManager, Store, Token,
};
use session_tests::{Events, forged_token, on_each_store};
use tower::ServiceExt as _;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    count: u64,
}

/// A manager, and what it told.
struct World {
    clock: ManualClock,
    sessions: SessionManager<Account>,
    told: Arc<Mutex<Vec<SessionEvent>>>,
}

fn world(store: impl Store, settings: impl FnOnce(Builder<Account>) -> Builder<Account>) -> World {
    let clock = ManualClock::new();
    let told: Arc<Mutex<Vec<SessionEvent>>> = Arc::default();
    let listener = Arc::clone(&told);
    let builder =
        SessionManager::builder(store).clock(&clock).on_event(move |event| listener.lock().unwrap().push(*event));
    World { sessions: settings(builder).build().unwrap(), clock, told }
}

impl World {
    /// What was told since this was last asked.
    fn told(&self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    /// A request with these cookies; the cookie of its response, if there is one.
    async fn send<F, Fut>(&self, cookies: &[&str], handler: F) -> Option<Token>
    where
        F: FnOnce(Session<Account>) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), SessionError>> + Send,
    {
        let routes = Router::new().route("/", get(handler)).layer(self.sessions.layer());
        let mut request = Request::new(Body::empty());
        for cookie in cookies {
            request.headers_mut().append(header::COOKIE, format!("__Host-session={cookie}").parse().unwrap());
        }
        let response = routes.oneshot(request).await.unwrap();
        let cookie = response.headers().get(header::SET_COOKIE)?.to_str().unwrap();
        cookie.split(['=', ';']).nth(1)?.parse().ok()
    }

    async fn begin(&self) -> Token {
        let token = self.send(&[], count).await.unwrap();
        self.send(&[&token.to_string()], read).await;
        self.told();
        token
    }
}

async fn read(session: Session<Account>) -> Result<(), SessionError> {
    session.count().await.map(drop)
}

async fn count(session: Session<Account>) -> Result<(), SessionError> {
    session.set_count(1).await
}

async fn sign_in(session: Session<Account>) -> Result<(), SessionError> {
    session.set_user(7).await
}

async fn destroy(session: Session<Account>) -> Result<(), SessionError> {
    session.destroy().await
}

fn rejected(token: Token, reason: RejectReason) -> SessionEvent {
    Rejected { session: Some(token.id()), reason }
}

on_each_store! {
    async fn a_session_is_created_rotated_and_signed_out(store) {
        let world = world(store, |builder| builder);
        let first = world.send(&[], count).await.unwrap();
        let session = first.id();
        assert_eq!(world.told(), [Created { session }]);
        world.send(&[&first.to_string()], read).await;
        world.send(&[&first.to_string()], count).await;
        assert_eq!(world.told(), [], "use is no event");
        let second = world.send(&[&first.to_string()], sign_in).await.unwrap();
        assert_eq!(world.told(), [Rotated { session }]);
        let third = world.send(&[&second.to_string()], |session| async move { session.regenerate().await }).await.unwrap();
        assert_eq!(world.told(), [Rotated { session }]);
        world.send(&[&third.to_string()], destroy).await;
        assert_eq!(world.told(), [SignedOut { session }]);
        let new = world.send(&[], sign_in).await.unwrap();
        assert_eq!(world.told(), [Created { session: new.id() }], "a sign-in that begins a session");
    }

    /// By whatever path it is found out.
    async fn a_token_that_opens_nothing_is_rejected_once(store) {
        let world = world(store, |builder| builder);
        let token = forged_token().await;
        let forged = token.to_string();
        let unknown = rejected(token, RejectReason::Unknown);
        world.send(&[&forged], read).await;
        assert_eq!(world.told(), [unknown]);
        let begun = world.send(&[&forged], count).await.unwrap();
        assert_eq!(world.told(), [unknown, Created { session: begun.id() }]);
        world.send(&[&forged], destroy).await;
        assert_eq!(world.told(), [unknown]);
        world.send(&[&forged], |session| async move { session.update_count(|count| *count += 1).await }).await.unwrap();
        assert_eq!(world.told().first(), Some(&unknown));
        assert!(world.sessions.open(&token).await.unwrap().is_none());
        assert_eq!(world.told(), [unknown]);
        for malformed in ["", "no token", &forged[1..], &format!("{forged}{forged}")] {
            world.send(&[malformed], read).await;
            assert_eq!(world.told(), [Rejected { session: None, reason: RejectReason::Malformed }], "{malformed:?}");
        }
        world.send(&[&forged], |_| async { Ok(()) }).await;
        assert_eq!(world.told(), [], "nobody looked at it");
    }

    async fn a_token_that_was_just_replaced_is_told_apart(store) {
        let world = world(store, |builder| builder);
        let before = world.begin().await;
        world.send(&[&before.to_string()], sign_in).await.unwrap();
        world.told();
        let superseded = rejected(before, RejectReason::Superseded);
        for handler in [0, 1, 2] {
            world.send(&[&before.to_string()], move |session| async move {
                match handler {
                    0 => session.count().await.map(drop),
                    1 => session.set_count(2).await,
                    _ => session.destroy().await,
                }
            }).await;
            assert_eq!(world.told(), [superseded], "{handler}");
        }
        world.clock.advance(MINUTE);
        world.send(&[&before.to_string()], read).await;
        assert_eq!(world.told(), [rejected(before, RejectReason::Unknown)]);
    }

    async fn two_sessions_in_one_request_are_ambiguous(store) {
        let world = world(store, |builder| builder);
        let (one, other) = (world.begin().await, world.begin().await);
        world.send(&[&one.to_string(), &other.to_string()], read).await;
        assert_eq!(world.told(), [rejected(other, RejectReason::Ambiguous)]);
        let forged = forged_token().await;
        world.send(&[&forged.to_string(), &one.to_string()], read).await;
        assert_eq!(world.told(), [], "one of them is good");
    }

    /// Expiry is told by the sweep that deletes the session, with the deadline that had passed.
    async fn expiry_is_told_once_with_its_reason(store) {
        let sweeps = store.needs_sweeping();
        let world = world(store, |builder| builder.idle_timeout(HOUR).absolute_timeout(2 * HOUR));
        let idle = world.begin().await;
        let used = world.begin().await;
        for _ in 0..3 {
            world.clock.advance(30 * MINUTE);
            world.send(&[&used.to_string()], read).await;
        }
        let expired = |token: Token, deadline| Expired { session: token.id(), deadline };
        assert_eq!(world.sessions.sweep().await.unwrap(), usize::from(sweeps));
        assert_eq!(world.told(), Vec::from_iter(sweeps.then(|| expired(idle, Deadline::Idle))));
        world.clock.advance(30 * MINUTE);
        let signed_out = world.begin().await;
        world.send(&[&signed_out.to_string()], destroy).await;
        world.told();
        world.sessions.sweep().await.unwrap();
        assert_eq!(world.told(), Vec::from_iter(sweeps.then(|| expired(used, Deadline::Absolute))));
        world.clock.advance(3 * HOUR);
        world.sessions.sweep().await.unwrap();
        assert_eq!(world.told(), [], "what was destroyed has not expired");
    }

    async fn revocation_is_told_with_its_reason(store) {
        let world = world(store, |builder| builder.max_sessions(&Account::USER, 2, OnLimit::EvictOldest));
        let mut sessions = Vec::new();
        for _ in 0..3 {
            sessions.push(world.send(&[], sign_in).await.unwrap().id());
            world.clock.advance(SECOND);
        }
        let created = |n: usize| Created { session: sessions[n] };
        let revoked = |n: usize, reason| Revoked { session: sessions[n], reason };
        assert_eq!(world.told(), [created(0), created(1), created(2), revoked(0, RevokeReason::Limit)]);
        assert!(world.sessions.revoke(sessions[1]).await.unwrap());
        assert!(!world.sessions.revoke(sessions[1]).await.unwrap());
        assert_eq!(world.told(), [revoked(1, RevokeReason::Asked)]);
        assert_eq!(world.sessions.revoke_all(&Account::USER, &7).await.unwrap(), 1);
        assert_eq!(world.told(), [revoked(2, RevokeReason::Asked)]);
    }

    /// A renewed token that is used after its grace: the visitor goes on, or, by option, nobody does.
    async fn reuse_is_told_and_by_option_ends_the_session(store) {
        for on_reuse in [OnReuse::Report, OnReuse::Revoke] {
            for blind in [false, true] {
                let settings = |builder: Builder<Account>| builder.renew_after(HOUR).on_reuse(on_reuse);
                let world = world(store.clone(), settings);
                let stolen = world.begin().await;
                let session = stolen.id();
                world.clock.advance(HOUR);
                let renewed = world.send(&[&stolen.to_string()], read).await.unwrap();
                assert_eq!(world.told(), [Renewed { session }]);
                world.send(&[&renewed.to_string()], read).await;
                world.clock.advance(MINUTE);
                // A browser that sends both has an old cookie: nothing was stolen.
                world.send(&[&stolen.to_string(), &renewed.to_string()], read).await;
                assert_eq!(world.told(), []);

                let begun = match blind {
                    false => world.send(&[&stolen.to_string()], read).await,
                    true => world.send(&[&stolen.to_string()], count).await,
                };
                let mut expected = vec![ReuseDetected { session }];
                if on_reuse == OnReuse::Revoke {
                    expected.push(Revoked { session, reason: RevokeReason::Reuse });
                }
                expected.extend(begun.map(|token| Created { session: token.id() }));
                assert_eq!((begun.is_some(), world.told()), (blind, expected));
                let lives = world.sessions.open(&renewed).await.unwrap().is_some();
                assert_eq!(lives, on_reuse == OnReuse::Report, "blind: {blind}");
            }
        }
    }

    /// Who signs out with it is told nothing, for it opens nothing; the application is.
    async fn reuse_by_signing_out_is_told_and_by_option_ends_the_session(store) {
        for on_reuse in [OnReuse::Report, OnReuse::Revoke] {
            let settings = |builder: Builder<Account>| builder.renew_after(HOUR).on_reuse(on_reuse);
            let world = world(store.clone(), settings);
            let stolen = world.begin().await;
            let session = stolen.id();
            world.clock.advance(HOUR);
            let renewed = world.send(&[&stolen.to_string()], read).await.unwrap();
            world.send(&[&renewed.to_string()], read).await;
            world.clock.advance(MINUTE);
            world.told();
            world.send(&[&stolen.to_string()], async |session: Session<Account>| session.destroy().await).await;
            let mut expected = vec![ReuseDetected { session }];
            if on_reuse == OnReuse::Revoke {
                expected.push(Revoked { session, reason: RevokeReason::Reuse });
            }
            assert_eq!(world.told(), expected);
            let lives = world.sessions.open(&renewed).await.unwrap().is_some();
            assert_eq!(lives, on_reuse == OnReuse::Report);
        }
    }

    /// What was done once is told once, however often the store was asked.
    async fn a_lost_answer_is_not_told_twice(store) {
        let faulty = FaultyStore::new(store);
        let world = world(faulty.clone(), |builder| builder);
        faulty.inject(1, Fault::LoseAnswer);
        let token = world.send(&[], count).await.unwrap();
        assert_eq!(world.told(), [Created { session: token.id() }]);
        faulty.inject(1, Fault::LoseAnswer);
        world.send(&[&token.to_string()], destroy).await;
        assert_eq!(world.told(), [SignedOut { session: token.id() }]);
    }
}

/// Where somebody sweeps, a `MemoryStore` leaves it to them to free what has expired, and so none goes untold.
#[tokio::test]
async fn no_expiry_goes_untold_where_memory_is_swept() {
    const MANY: usize = 500;
    let world = world(session_tests::memory().await.0, |builder| builder.unconfirmed_timeout(HOUR));
    let begin = async || {
        for _ in 0..MANY {
            world.sessions.start().set_count(1).await.unwrap();
        }
    };
    world.sessions.sweep().await.unwrap();
    begin().await;
    world.clock.advance(HOUR);
    begin().await;
    world.told();
    assert_eq!(world.sessions.sweep().await.unwrap(), MANY);
    let told = world.told();
    assert!(told.iter().all(|event| matches!(event, Expired { deadline: Deadline::Idle, .. })));
    assert_eq!(told.len(), MANY);
}

/// A listener may use the session that it is told of.
#[tokio::test]
async fn a_listener_is_called_without_any_lock() {
    let (store, _kept) = session_tests::memory().await;
    let slot: Arc<Mutex<Option<Session<Account>>>> = Arc::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (session_of, ids) = (Arc::clone(&slot), Arc::clone(&seen));
    let listener = move |event: &SessionEvent| {
        let session = session_of.lock().unwrap().clone().unwrap();
        ids.lock().unwrap().push((session.id(), event.session()));
    };
    let sessions = SessionManager::<Account>::builder(store).on_event(listener).build().unwrap();
    let session = sessions.start();
    *slot.lock().unwrap() = Some(session.clone());
    session.set_count(1).await.unwrap();
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen, [(session.id(), session.id())]);
}

/// The same is in the log, and nothing that opens a session is.
#[tokio::test]
async fn events_are_in_the_log() {
    let events = Events::collect();
    let world = world(session_tests::memory().await.0, |builder| builder);
    let token = world.begin().await;
    world.sessions.revoke(token.id()).await.unwrap();
    let text = events.text();
    assert_eq!(events.count("a session was revoked"), 1, "{text}");
    assert!(text.contains(&token.id().to_string()));
    assert!(!text.contains(&token.to_string()), "a token is in the log");
}
