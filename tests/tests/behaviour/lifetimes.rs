//! Deadlines, touches, TTLs, renewal: by a clock that is moved by hand.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_runtime::testing::{FaultyStore, ManualClock, Operation};
use session_runtime::{Builder, Session, SessionError, SessionManager};
use session_tests::{Events, Shop, Site, TestStore, on_each_store};

type Handle = Session<Shop>;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

fn routes() -> Router {
    Router::new()
        .route("/begin", get(|session: Handle| async move { session.set_count(1).await }))
        .route("/read", get(|session: Handle| async move { session.count().await.map(|count| count.to_string()) }))
        .route("/blind", get(|session: Handle| async move { session.set_theme(session_tests::Theme::Light).await }))
        .route("/regenerate", get(|session: Handle| async move { session.regenerate().await }))
        .route("/sign-in", get(|session: Handle| async move { session.set_user(7).await }))
        .route("/remember", get(|session: Handle| async move { session.remember(90 * DAY).await }))
        .route("/remember-long", get(|session: Handle| async move { session.remember(5000 * DAY).await }))
        .route("/short", get(|session: Handle| async move { session.set_count(5).ttl(MINUTE).await }))
        .route("/form", get(|session: Handle| async move { session.set_checkout("form".into()).await }))
        .route(
            "/edit-form",
            get(|session: Handle| async move {
                session.update_checkout(|form| form.get_or_insert_default().push('+')).await
            }),
        )
        .route(
            "/show-form",
            get(|session: Handle| async move { session.checkout().await.map(Option::unwrap_or_default) }),
        )
}

struct World {
    clock: ManualClock,
    store: FaultyStore,
    site: Site,
}

async fn world(store: TestStore, settings: impl FnOnce(Builder<Shop>) -> Builder<Shop>) -> World {
    let (clock, store) = (ManualClock::new(), FaultyStore::new(store));
    let builder = SessionManager::<Shop>::builder(store.clone()).clock(&clock);
    let sessions = settings(builder).build().unwrap();
    World { clock, store, site: Site::open(&sessions, routes()).await }
}

on_each_store! {
    /// A session whose token never comes back ends after the hour, one that does after the day.
    async fn a_token_that_does_not_come_back(store) {
        let World { clock, site, .. } = world(store, |builder| builder).await;
        let (crawler, ada) = (site.visitor(), site.visitor());
        crawler.get("/begin").await;
        ada.get("/begin").await;
        clock.advance(HOUR - SECOND);
        assert_eq!(ada.get("/read").await.text, "1");
        clock.advance(SECOND);
        assert_eq!(crawler.get("/read").await.text, "0");
        clock.advance(23 * HOUR);
        assert_eq!(ada.get("/read").await.text, "1");
    }

    /// An idle session ends between 0.9 and 1 times the idle timeout after its last use, reading or writing.
    async fn a_session_ends_when_it_is_not_used(store) {
        for page in ["/read", "/blind"] {
            let World { clock, site, .. } = world(store.clone(), |builder| builder.idle_timeout(10 * HOUR)).await;
            let ada = site.visitor();
            ada.get("/begin").await;
            for _ in 0..5 {
                clock.advance(9 * HOUR);
                // Its first hour is over, unless it came back.
                if ada.get("/read").await.text == "0" {
                    ada.get("/begin").await;
                }
                ada.get(page).await;
            }
            clock.advance(9 * HOUR - SECOND);
            assert_eq!(ada.get("/read").await.text, "1");
            clock.advance(10 * HOUR);
            assert_eq!(ada.get("/read").await.text, "0");
        }
    }

    /// A touch is written only when it moves the deadline by more than a tenth, and goes along with another write.
    async fn a_touch_is_written_when_it_is_due(store) {
        let World { clock, store, site } = world(store, |builder| builder.idle_timeout(10 * HOUR)).await;
        let ada = site.visitor();
        ada.get("/begin").await;
        ada.get("/read").await;
        let calls = async |page: &str| {
            store.forget();
            ada.get(page).await;
            store.calls()
        };
        clock.advance(HOUR);
        assert_eq!(calls("/read").await, [Operation::Load]);
        clock.advance(SECOND);
        assert_eq!(calls("/read").await, [Operation::Load, Operation::Commit]);
        assert_eq!(calls("/read").await, [Operation::Load]);
        clock.advance(2 * HOUR);
        assert_eq!(calls("/blind").await, [Operation::Commit]);
        assert_eq!(calls("/read").await, [Operation::Load]);
    }

    /// The absolute deadline is moved by no use, no rotation and no renewal, and by a sign-in.
    async fn a_session_ends_however_much_it_is_used(store) {
        let World { clock, site, .. } = world(store, |builder| builder.renew_after(HOUR)).await;
        let ada = site.visitor();
        ada.get("/begin").await;
        for _ in 0..(30 * 24 * 2 - 1) {
            clock.advance(30 * MINUTE);
            ada.get("/regenerate").await;
        }
        assert_eq!(ada.get("/read").await.text, "1");
        clock.advance(30 * MINUTE);
        assert_eq!(ada.get("/read").await.text, "0");

        ada.get("/begin").await;
        for _ in 0..29 {
            clock.advance(DAY - HOUR);
            ada.get("/begin").await;
        }
        ada.get("/sign-in").await;
        for _ in 0..30 {
            clock.advance(DAY - HOUR);
            assert_eq!(ada.get("/read").await.text, "1");
        }
    }

    /// `remember` replaces both deadlines, and its cookie lasts as long as browsers allow.
    async fn a_remembered_session_outlives_the_browser(store) {
        let World { clock, site, .. } = world(store, |builder| builder).await;
        let ada = site.visitor();
        let first = ada.get("/begin").await;
        assert!(!first.set_cookies[0].contains("Max-Age"), "{first:?}");
        let reply = ada.get("/remember").await;
        assert!(reply.set_cookies[0].contains(&format!("Max-Age={}", 90 * 86_400)), "{reply:?}");
        clock.advance(60 * DAY);
        let reply = ada.get("/regenerate").await;
        assert!(reply.set_cookies[0].contains(&format!("Max-Age={}", 30 * 86_400)), "{reply:?}");
        clock.advance(30 * DAY - SECOND);
        assert_eq!(ada.get("/read").await.text, "1");
        clock.advance(SECOND);
        assert_eq!(ada.get("/read").await.text, "0");
        ada.get("/begin").await;
        let reply = ada.get("/remember-long").await;
        assert!(reply.set_cookies[0].contains(&format!("Max-Age={}", 400 * 86_400)), "{reply:?}");
    }

    /// A field ends with its TTL; `set` starts it anew, `update` keeps it, `.ttl()` overrides it.
    async fn a_field_ends_with_its_ttl(store) {
        let World { clock, site, .. } = world(store, |builder| builder).await;
        let ada = site.visitor();
        ada.get("/form").await;
        clock.advance(10 * MINUTE);
        ada.get("/edit-form").await;
        clock.advance(5 * MINUTE - SECOND);
        assert_eq!(ada.get("/show-form").await.text, "form+");
        clock.advance(SECOND);
        assert_eq!(ada.get("/show-form").await.text, "");
        ada.get("/edit-form").await;
        clock.advance(15 * MINUTE - SECOND);
        assert_eq!(ada.get("/show-form").await.text, "+", "what an update creates gets the field's TTL");
        ada.get("/form").await;
        clock.advance(15 * MINUTE - SECOND);
        assert_eq!(ada.get("/show-form").await.text, "form", "a set starts it anew");

        ada.get("/short").await;
        clock.advance(MINUTE - SECOND);
        assert_eq!(ada.get("/read").await.text, "5");
        clock.advance(SECOND);
        assert_eq!(ada.get("/read").await.text, "0");
    }

    /// A field that expires while a handle lives is absent from then on.
    async fn a_field_expires_under_a_handle(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).build().unwrap();
        let session = sessions.start();
        session.set_count(5).ttl(MINUTE).await.unwrap();
        assert_eq!(session.count().await.unwrap(), 5);
        clock.advance(MINUTE);
        assert_eq!(session.count().await.unwrap(), 0);
        assert!(!session.has_count().await.unwrap());
        assert_eq!(session.keys().await.unwrap(), Vec::<&str>::new());
        session.update_count(|count| *count += 1).await.unwrap();
        assert_eq!(session.count().await.unwrap(), 1);
    }

    /// Rule 9: a secret that is old enough is renewed by a request that loads; the one before works on until its successor
    /// was presented, and for the grace after that. Later use is reported.
    async fn rule_09_a_secret_is_renewed_without_disturbing_anybody(store) {
        let settings = |builder: Builder<Shop>| builder.renew_after(HOUR).renewal_grace(MINUTE);
        let World { clock, site, .. } = world(store, settings).await;
        let ada = site.visitor();
        ada.get("/begin").await;
        clock.advance(HOUR - SECOND);
        assert_eq!(ada.get("/read").await.set_cookies.len(), 0);
        clock.advance(SECOND);
        assert_eq!(ada.get("/blind").await.set_cookies.len(), 0, "decided on requests that load");
        let before = ada.copy();
        let reply = ada.get("/read").await;
        assert_eq!((&*reply.text, reply.set_cookies.len()), ("1", 1));
        assert_eq!(ada.token().id(), before.token().id());
        // The successor is on its way still: any number of requests go on with the one before.
        clock.advance(30 * MINUTE);
        assert_eq!(before.get("/read").await.text, "1");
        before.get("/begin").await;
        assert_eq!(before.cookie(), site.visitor().with_cookie(before.cookie().unwrap()).cookie());
        ada.get("/read").await;
        clock.advance(MINUTE - SECOND);
        assert_eq!(before.get("/read").await.text, "1");
        clock.advance(SECOND);
        assert_eq!(before.get("/read").await.text, "0");
        assert_eq!(ada.get("/read").await.text, "1");
    }
}

/// Use of a renewed token after its grace is an event that names the session.
#[tokio::test]
async fn rule_09_reuse_is_reported() {
    let events = Events::collect();
    let clock = ManualClock::new();
    let (store, _kept) = session_tests::memory().await;
    let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
    let site = Site::open(&sessions, routes()).await;
    let ada = site.visitor();
    ada.get("/begin").await;
    clock.advance(HOUR - SECOND);
    ada.get("/read").await;
    clock.advance(SECOND);
    let thief = ada.copy();
    ada.get("/read").await;
    ada.get("/read").await;
    clock.advance(MINUTE);
    assert_eq!(events.count("somebody may have copied it"), 0);
    thief.get("/read").await;
    assert_eq!(events.count("somebody may have copied it"), 1, "{}", events.text());
    assert!(events.text().contains(&ada.token().id().to_string()));
}

/// Settings that can't work are refused when the manager is built, with what to change.
#[test]
fn impossible_lifetimes_are_refused() {
    let refused = |settings: fn(Builder<Shop>) -> Builder<Shop>| match settings(SessionManager::builder(
        session_runtime::MemoryStore::new(),
    ))
    .build()
    {
        Err(SessionError::Config { reason, .. }) => reason,
        other => panic!("expected a configuration error, got {other:?}"),
    };
    assert!(refused(|builder| builder.idle_timeout(Duration::ZERO)).contains("idle_timeout"));
    assert!(refused(|builder| builder.absolute_timeout(Duration::ZERO)).contains("absolute_timeout"));
    assert!(refused(|builder| builder.renew_after(Duration::from_millis(10))).contains("renew_after"));
    assert!(refused(|builder| builder.idle_timeout(DAY).absolute_timeout(HOUR)).contains("raise the absolute"));
}

#[tokio::test]
async fn nobody_is_remembered_for_no_time_or_for_ever() {
    let session = SessionManager::<Shop>::new(session_tests::memory().await.0).start();
    session.set_count(1).await.unwrap();
    for life in [Duration::ZERO, Duration::from_secs(101 * 365 * 24 * 3600)] {
        let refused = session.remember(life).await;
        assert!(
            matches!(&refused, Err(SessionError::Config { reason }) if reason.contains("`remember`")),
            "{refused:?}"
        );
    }
    assert_eq!(session.count().await.unwrap(), 1);
}
