//! tower-sessions' tests of routes (14 cases: 13, and `expired` of its stores), over HTTP, on both stores; and the unit
//! tests of its service (23 cases).
//!
//! | source case (routes) | test |
//! | --- | --- |
//! | no_session_set | `tower_sessions_no_session_set` |
//! | bogus_session_cookie | `tower_sessions_bogus_session_cookie` |
//! | malformed_session_cookie | `tower_sessions_malformed_session_cookie` (differs) |
//! | insert_session | `tower_sessions_insert_session` (differs) |
//! | session_max_age | `tower_sessions_session_max_age` |
//! | get_session | `tower_sessions_get_session` |
//! | get_no_value | `tower_sessions_get_no_value` |
//! | expired | `tower_sessions_expired` |
//! | remove_last_value | `tower_sessions_remove_last_value` |
//! | cycle_session_id | `tower_sessions_cycle_session_id` (differs) |
//! | flush_session | `tower_sessions_flush_session` |
//! | flush_with_domain | `tower_sessions_flush_with_domain` |
//! | set_expiry | `tower_sessions_set_expiry` (differs) |
//! | change_expiry_type | `tower_sessions_change_expiry_type` (differs) |
//!
//! | source case (service) | test |
//! | --- | --- |
//! | basic_service_test | `tower_sessions_basic_service` |
//! | bogus_cookie_test | `tower_sessions_bogus_cookie` |
//! | no_set_cookie_test | `tower_sessions_no_set_cookie` |
//! | name_test | `tower_sessions_name` |
//! | http_only_test | `tower_sessions_http_only` (differs) |
//! | same_site_strict_test, same_site_lax_test, same_site_none_test | `tower_sessions_same_site_{strict,lax,none}` |
//! | expiry_on_session_end_test | `tower_sessions_expiry_on_session_end` |
//! | expiry_on_inactivity_test | `tower_sessions_expiry_on_inactivity` (differs), `…_unconfirmed` (our rule beside it) |
//! | expiry_at_date_time_test | `tower_sessions_expiry_at_date_time` (differs) |
//! | expiry_on_session_end_always_save_test | `tower_sessions_expiry_on_session_end_always_save` (differs) |
//! | expiry_on_inactivity_always_save_test | `tower_sessions_expiry_on_inactivity_always_save` (differs) |
//! | expiry_at_date_time_always_save_test | `tower_sessions_expiry_at_date_time_always_save` (differs) |
//! | secure_test | `tower_sessions_secure` |
//! | secure_removal_test | `tower_sessions_secure_removal` |
//! | http_only_removal_test | `tower_sessions_http_only_removal` |
//! | http_only_disabled_removal_test | `tower_sessions_http_only_disabled_removal` (differs) |
//! | insecure_removal_test | `tower_sessions_insecure_removal` |
//! | path_test | `tower_sessions_path` |
//! | domain_test | `tower_sessions_domain` |
//! | signed_test | `tower_sessions_signed` (differs) |
//! | private_test | `tower_sessions_private` (differs) |

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{
    Builder, CookieOptions, MemoryStore, Result, SameSite, Session, SessionData, SessionId, SessionManager, Store,
    Token,
};

use crate::support::*;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(SessionData)]
struct Counter {
    foo: Option<u32>,
}

/// The source's defaults.
fn options() -> CookieOptions {
    CookieOptions::new().name("id").same_site(SameSite::Strict)
}

async fn insert(session: Session<Counter>) -> Result<()> {
    session.set_foo(42).await
}

async fn get_value(session: Session<Counter>) -> Result<String> {
    Ok(format!("{:?}", session.foo().await?))
}

/// A new session where there was one, which no longer outlives the browser.
async fn restart(session: Session<Counter>) -> Result<()> {
    session.destroy().await?;
    insert(session).await
}

/// The site, and its time. With `life`, what it inserts it remembers that long.
async fn site(store: AnyStore, life: Option<Duration>, options: CookieOptions) -> (Site, ManualClock) {
    let insert_and_remember = async move |session: Session<Counter>| {
        session.set_foo(42).await?;
        match life {
            Some(life) => session.remember(life).await,
            None => Ok(()),
        }
    };
    let routes = Router::new()
        .route("/", get(async |_: Session<Counter>| "Hello"))
        .route("/insert", get(insert_and_remember))
        .route("/get_value", get(get_value))
        .route("/remove_value", get(async |session: Session<Counter>| session.remove_foo().await))
        .route("/cycle_id", get(async |session: Session<Counter>| session.regenerate().await))
        .route("/flush", get(async |session: Session<Counter>| session.destroy().await))
        .route("/set_expiry", get(async |session: Session<Counter>| session.remember(DAY).await))
        .route("/restart", get(restart));
    let time = ManualClock::new();
    let sessions = SessionManager::<Counter>::builder(store).cookie(options).clock(time.clock()).build().unwrap();
    (Site::serve(routes.layer(sessions.layer())).await, time)
}

/// A well-formed token that no store has heard of.
fn unknown_token() -> Token {
    "A".repeat(43).parse().unwrap()
}

on_each_store!(
    tower_sessions_no_session_set,
    tower_sessions_bogus_session_cookie,
    tower_sessions_malformed_session_cookie,
    tower_sessions_insert_session,
    tower_sessions_session_max_age,
    tower_sessions_get_session,
    tower_sessions_get_no_value,
    tower_sessions_expired,
    tower_sessions_remove_last_value,
    tower_sessions_cycle_session_id,
    tower_sessions_flush_session,
    tower_sessions_flush_with_domain,
    tower_sessions_set_expiry,
    tower_sessions_change_expiry_type,
);

/// A request that does not use its session gets no cookie.
async fn tower_sessions_no_session_set(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let page = site.browser().get("/").await;
    assert_eq!((&*page.body, page.cookies.len()), ("Hello", 0));
}

/// An unknown session ID is not adopted: a set under it sends another.
async fn tower_sessions_bogus_session_cookie(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let page = site.browser().with("id", unknown_token()).get("/insert").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_ne!(page.cookie().token(), unknown_token());
    assert_ne!(page.cookie().token().id(), unknown_token().id());
}

/// A malformed session ID is no error, and is removed from the browser by a request that does not use the session.
/// Ours: reading sends no cookie for it, a set replaces it.
async fn tower_sessions_malformed_session_cookie(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser().with("id", "malformed");
    for (path, body) in [("/", "Hello"), ("/get_value", "None")] {
        let page = browser.get(path).await;
        assert_eq!((page.status, &*page.body, page.cookies.len()), (StatusCode::OK, body, 0));
    }
    let token = browser.get("/insert").await.cookie().token();
    assert_eq!(browser.cookie("id"), Some(&*token.to_string()));
}

/// An insert sends a cookie with all attributes, and as Max-Age at most the expiry. Ours: `remember` is what gives a
/// Max-Age.
async fn tower_sessions_insert_session(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let page = site.browser().get("/insert").await;
    expect_attributes(page.cookie());
    assert_eq!(page.cookie().max_age(), Some(HOUR));
}

/// Without an expiry the cookie has no Max-Age, and the other attributes.
async fn tower_sessions_session_max_age(store: AnyStore) {
    let (site, _) = site(store, None, options()).await;
    let page = site.browser().get("/insert").await;
    expect_attributes(page.cookie());
    assert_eq!(page.cookie().max_age(), None);
}

fn expect_attributes(cookie: &SetCookie) {
    assert_eq!(cookie.name(), "id");
    assert!(cookie.has("HttpOnly") && cookie.has("Secure"));
    assert_eq!((cookie.attribute("SameSite"), cookie.attribute("Path")), (Some("Strict"), Some("/")));
}

/// A value that one request inserted is read by the next.
async fn tower_sessions_get_session(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser();
    browser.get("/insert").await;
    assert_eq!(browser.get("/get_value").await.body, "Some(42)");
}

/// A value that nobody inserted is absent.
async fn tower_sessions_get_no_value(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    assert_eq!(site.browser().get("/get_value").await.body, "None");
}

/// A value is absent once its session has expired.
async fn tower_sessions_expired(store: AnyStore) {
    let (site, time) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser();
    browser.get("/insert").await;
    for (passed, value) in [(HOUR - Duration::from_secs(1), "Some(42)"), (Duration::from_secs(1), "None")] {
        time.advance(passed);
        assert_eq!(browser.get("/get_value").await.body, value);
    }
}

/// The only value of a session can be removed.
async fn tower_sessions_remove_last_value(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser();
    browser.get("/insert").await;
    assert!(browser.get("/remove_value").await.cookies.is_empty());
    assert_eq!(browser.get("/get_value").await.body, "None");
}

/// Cycling the ID changes it and keeps the values. Ours: the ID stays, the token changes.
async fn tower_sessions_cycle_session_id(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser();
    let first = browser.get("/insert").await.cookie().token();
    let second = browser.get("/cycle_id").await.cookie().token();
    assert_ne!(first, second);
    assert_eq!(first.id(), second.id());
    assert_eq!(browser.get("/get_value").await.body, "Some(42)");
}

/// Flushing removes the cookie: an empty value, no time to live, the same path.
async fn tower_sessions_flush_session(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options()).await;
    let mut browser = site.browser();
    browser.get("/insert").await;
    expect_removal(browser.get("/flush").await.cookie(), None);
}

/// Flushing a cookie that has a domain removes it with that domain.
async fn tower_sessions_flush_with_domain(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options().domain("localhost")).await;
    let mut browser = site.browser();
    browser.get("/insert").await;
    expect_removal(browser.get("/flush").await.cookie(), Some("localhost"));
}

fn expect_removal(cookie: &SetCookie, domain: Option<&str>) {
    assert_eq!((cookie.value(), cookie.max_age()), ("", Some(Duration::ZERO)));
    assert_eq!((cookie.attribute("Path"), cookie.attribute("Domain")), (Some("/"), domain));
}

/// A new expiry is sent as the cookie's new Max-Age. Ours: by `remember`.
async fn tower_sessions_set_expiry(store: AnyStore) {
    let (site, _) = site(store, Some(HOUR), options().domain("localhost")).await;
    let mut browser = site.browser();
    let first = browser.get("/insert").await.cookie().token();
    let page = browser.get("/set_expiry").await;
    assert_eq!((page.cookie().token(), page.cookie().max_age()), (first, Some(DAY)));
}

/// An expiry can be given to a cookie that had none, and taken from one that had one. Ours: `remember` gives it for the
/// session's life; a cookie without comes with a new session.
async fn tower_sessions_change_expiry_type(store: AnyStore) {
    let (site, _) = site(store, None, options().domain("localhost")).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/insert").await.cookie().max_age(), None);
    assert_eq!(browser.get("/set_expiry").await.cookie().max_age(), Some(DAY));
    assert_eq!(browser.get("/cycle_id").await.cookie().max_age(), Some(DAY));
    assert_eq!(browser.get("/restart").await.cookie().max_age(), None);
}

fn builder(store: impl Store) -> Builder<Counter> {
    SessionManager::builder(store).cookie(options())
}

fn manager(options: CookieOptions) -> SessionManager<Counter> {
    builder(MemoryStore::new()).cookie(options).build().unwrap()
}

/// The cookie that a first insert sends.
async fn cookie_of(options: CookieOptions) -> SetCookie {
    let mut cookies = visit(&manager(options), insert).await.cookies;
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    cookies.remove(0)
}

/// The cookie that flushing a stored session sends.
async fn removal_of(options: CookieOptions) -> SetCookie {
    let sessions = manager(options);
    let inserted = visit(&sessions, insert).await;
    let flush = async |session: Session<Counter>| session.destroy().await.unwrap();
    let mut cookies = visit_with(&sessions, as_sent(&inserted.cookies[0]), flush).await.cookies;
    assert_eq!((cookies.len(), cookies[0].value()), (1, ""));
    cookies.remove(0)
}

fn as_sent(cookie: &SetCookie) -> String {
    format!("{}={}", cookie.name(), cookie.value())
}

/// The first insert sends a cookie, the same insert under it none.
#[tokio::test]
async fn tower_sessions_basic_service() {
    let sessions = manager(options());
    let first = visit(&sessions, insert).await;
    assert_eq!(first.cookies.len(), 1);
    let second = visit_with(&sessions, as_sent(&first.cookies[0]), insert).await;
    assert!(second.result.is_ok() && second.cookies.is_empty());
}

/// An insert under a malformed cookie sends one.
#[tokio::test]
async fn tower_sessions_bogus_cookie() {
    let visit = visit_with(&manager(options()), "id=bogus", insert).await;
    assert_eq!(visit.cookies.len(), 1);
    assert_ne!(visit.cookies[0].value(), "bogus");
}

/// A handler that leaves its session alone sends no cookie.
#[tokio::test]
async fn tower_sessions_no_set_cookie() {
    assert!(visit(&manager(options()), async |_| ()).await.cookies.is_empty());
}

/// The cookie has the name it was given.
#[tokio::test]
async fn tower_sessions_name() {
    assert_eq!(cookie_of(options().name("my.sid")).await.name(), "my.sid");
}

/// The cookie is `HttpOnly`, unless that is switched off. Ours: it always is.
#[tokio::test]
async fn tower_sessions_http_only() {
    assert!(cookie_of(options()).await.has("HttpOnly"));
    assert!(cookie_of(options().secure(false)).await.has("HttpOnly"));
}

/// `SameSite=Strict` is sent.
#[tokio::test]
async fn tower_sessions_same_site_strict() {
    expect_same_site(SameSite::Strict, "Strict").await;
}

/// `SameSite=Lax` is sent.
#[tokio::test]
async fn tower_sessions_same_site_lax() {
    expect_same_site(SameSite::Lax, "Lax").await;
}

/// `SameSite=None` is sent.
#[tokio::test]
async fn tower_sessions_same_site_none() {
    expect_same_site(SameSite::None, "None").await;
}

async fn expect_same_site(given: SameSite, sent: &str) {
    assert_eq!(cookie_of(options().same_site(given)).await.attribute("SameSite"), Some(sent));
}

/// A cookie that ends with the browser's session has no Max-Age.
#[tokio::test]
async fn tower_sessions_expiry_on_session_end() {
    assert_eq!(cookie_of(options()).await.max_age(), None);
}

/// An expiry on inactivity is the cookie's Max-Age. Ours: the server alone keeps it, from the last use on.
#[tokio::test]
async fn tower_sessions_expiry_on_inactivity() {
    let time = ManualClock::new();
    let sessions = builder(MemoryStore::new()).idle_timeout(2 * HOUR).clock(time.clock()).build().unwrap();
    let inserted = visit(&sessions, insert).await;
    assert_eq!(inserted.cookies[0].max_age(), None);
    let cookie = as_sent(&inserted.cookies[0]);
    for (passed, value) in [(0, "Some(42)"), (6_400, "Some(42)"), (6_400, "Some(42)"), (7_200, "None")] {
        time.advance(Duration::from_secs(passed));
        assert_eq!(visit_with(&sessions, &cookie, get_value).await.result.unwrap(), value, "after {passed} s");
    }
}

/// Not in the source. Ours beside an expiry on inactivity: a session whose token never came back ends after one hour.
#[tokio::test]
async fn tower_sessions_expiry_on_inactivity_unconfirmed() {
    let time = ManualClock::new();
    let sessions = builder(MemoryStore::new()).idle_timeout(2 * HOUR).clock(time.clock()).build().unwrap();
    let inserted = visit(&sessions, insert).await;
    time.advance(HOUR);
    assert_eq!(visit_with(&sessions, as_sent(&inserted.cookies[0]), get_value).await.result.unwrap(), "None");
}

/// An expiry at a date is sent as the Max-Age until then. Ours: by `remember`.
#[tokio::test]
async fn tower_sessions_expiry_at_date_time() {
    let sessions = builder(MemoryStore::new()).clock(ManualClock::new().clock()).build().unwrap();
    assert_eq!(visit(&sessions, insert_for_a_week).await.cookies[0].max_age(), Some(7 * DAY));
}

async fn insert_for_a_week(session: Session<Counter>) {
    session.set_foo(42).await.unwrap();
    session.remember(7 * DAY).await.unwrap();
}

/// A session, and what is known of it from outside.
struct Watched {
    sessions: SessionManager<Counter>,
    store: Arc<MemoryStore>,
    time: ManualClock,
    cookie: String,
    id: SessionId,
}

impl Watched {
    /// A session that this page began, and whose token came back at once.
    async fn begin<R>(idle: Duration, page: impl AsyncFnOnce(Session<Counter>) -> R) -> Self {
        let (store, time) = (Arc::new(MemoryStore::new()), ManualClock::new());
        let sessions = builder(store.clone()).idle_timeout(idle).clock(time.clock()).build().unwrap();
        let begun = visit(&sessions, page).await;
        let (cookie, id) = (as_sent(&begun.cookies[0]), begun.cookies[0].token().id());
        visit_with(&sessions, &cookie, get_value).await.result.unwrap();
        Self { sessions, store, time, cookie, id }
    }

    async fn expires(&self) -> SystemTime {
        self.store.load(self.id, &[], Some(self.time.now())).await.unwrap().unwrap().meta.expires()
    }

    /// Inserts the same value again, and returns when the session expires then. No cookie must be sent.
    async fn insert_later(&self, later: Duration) -> SystemTime {
        self.time.advance(later);
        assert!(visit_with(&self.sessions, &self.cookie, insert).await.cookies.is_empty());
        self.expires().await
    }
}

/// With always_save a request sends the same ID again, without Max-Age, and the record's expiry moves. Ours: a use
/// moves the deadline by itself, and sends nothing.
#[tokio::test]
async fn tower_sessions_expiry_on_session_end_always_save() {
    let session = Watched::begin(DAY, insert).await;
    let before = session.expires().await;
    assert_eq!(session.insert_later(3 * HOUR).await, before + 3 * HOUR);
}

/// With always_save a request sends the same ID again, with the full Max-Age, and the record's expiry moves. Ours: the
/// deadline moves, and nothing is sent.
#[tokio::test]
async fn tower_sessions_expiry_on_inactivity_always_save() {
    let session = Watched::begin(2 * HOUR, insert).await;
    let before = session.expires().await;
    assert_eq!(session.insert_later(HOUR).await, before + HOUR);
    assert_eq!(session.expires().await, session.time.now() + 2 * HOUR);
}

/// With always_save a request sends the same ID again, with the Max-Age that is left, and the record's expiry stays.
/// Ours: it stays too, and nothing is sent: the browser knows.
#[tokio::test]
async fn tower_sessions_expiry_at_date_time_always_save() {
    let session = Watched::begin(DAY, insert_for_a_week).await;
    let before = session.expires().await;
    assert_eq!(before, session.time.now() + 7 * DAY);
    assert_eq!(session.insert_later(DAY).await, before);
}

/// The cookie is `Secure` if that is wanted.
#[tokio::test]
async fn tower_sessions_secure() {
    assert!(cookie_of(options().secure(true)).await.has("Secure"));
    assert!(!cookie_of(options().secure(false)).await.has("Secure"));
}

/// The removal of a `Secure` cookie is `Secure`.
#[tokio::test]
async fn tower_sessions_secure_removal() {
    assert!(removal_of(options().secure(true)).await.has("Secure"));
}

/// The removal of an `HttpOnly` cookie is `HttpOnly`.
#[tokio::test]
async fn tower_sessions_http_only_removal() {
    assert!(removal_of(options()).await.has("HttpOnly"));
}

/// The removal of a cookie without `HttpOnly` is without it. Ours: there is no such cookie.
#[tokio::test]
async fn tower_sessions_http_only_disabled_removal() {
    assert!(removal_of(options().secure(false)).await.has("HttpOnly"));
}

/// The removal of a cookie without `Secure` is without it.
#[tokio::test]
async fn tower_sessions_insecure_removal() {
    assert!(!removal_of(options().secure(false)).await.has("Secure"));
}

/// The cookie has the path it was given.
#[tokio::test]
async fn tower_sessions_path() {
    assert_eq!(cookie_of(options().path("/foo/bar")).await.attribute("Path"), Some("/foo/bar"));
}

/// The cookie has the domain it was given.
#[tokio::test]
async fn tower_sessions_domain() {
    assert_eq!(cookie_of(options().domain("example.com")).await.attribute("Domain"), Some("example.com"));
}

/// With a signing key a cookie is sent. Ours: nothing is to be signed, as no other secret opens the session.
#[tokio::test]
async fn tower_sessions_signed() {
    let sessions = manager(options());
    let mut forged = as_sent(&visit(&sessions, insert).await.cookies[0]);
    assert_eq!(visit_with(&sessions, &forged, get_value).await.result.unwrap(), "Some(42)");
    // Past `id=` and the 22 characters of the ID.
    let place = 30..31;
    let other = if &forged[place.clone()] == "A" { "B" } else { "A" };
    forged.replace_range(place, other);
    assert_eq!(visit_with(&sessions, &forged, get_value).await.result.unwrap(), "None");
}

/// With an encryption key a cookie is sent. Ours: nothing is to be encrypted, as there is only a token in it.
#[tokio::test]
async fn tower_sessions_private() {
    let cookie = cookie_of(options()).await;
    assert_eq!(cookie.value(), cookie.token().to_string());
}
