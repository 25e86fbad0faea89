//! Hostile cookies, and what is never shown.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, header};
use axum::routing::get;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use session_runtime::testing::{Fault, FaultyStore, Operation};
use session_runtime::{MemoryStore, Session, SessionManager, Transport};
use session_tests::{Events, Shop, Site, on_each_store};
use tower::ServiceExt as _;

const NAME: &str = "__Host-session";

/// Cookie headers of 0 to 8 KiB: any bytes that a header can have, invalid UTF-8, many cookies of our name, near misses.
fn cookie_header() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8];
    let bytes = prop::collection::vec(byte.clone(), 0..8192);
    let alphabet = "[A-Za-z0-9_-]{0,60}".prop_map(String::into_bytes);
    let value = prop_oneof![alphabet, prop::collection::vec(byte, 0..60)];
    let pair = value.prop_map(|value| [NAME.as_bytes(), b"=", &value].concat());
    let pairs = prop::collection::vec(pair, 0..130).prop_map(|pairs| pairs.join(&b"; "[..]));
    let many = "[A-Za-z0-9_-]{1,9}".prop_map(|value| vec![format!("{NAME}={value}"); 500].join(";").into_bytes());
    prop_oneof![4 => bytes, 4 => pairs, 1 => many].prop_map(|mut header| {
        header.truncate(8192);
        header
    })
}

/// Whether one of the cookies may be well-formed: 43 characters of the alphabet.
fn may_hold_a_token(header: &[u8]) -> bool {
    header.split(|byte| *byte == b';').any(|pair| {
        let value = pair.trim_ascii().strip_prefix(format!("{NAME}=").as_bytes());
        value.is_some_and(|value| {
            value.len() == 43 && value.iter().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(b))
        })
    })
}

#[test]
fn ten_thousand_hostile_cookie_headers() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::new(store.clone());
    let routes = Router::new()
        .route(
            "/",
            get(|session: Session<Shop>| async move { session.snapshot().await.map(|shop| shop.cart.concat()) }),
        )
        .layer(sessions.layer());
    let mut runner = TestRunner::new(Config { cases: 10_000, failure_persistence: None, ..Config::default() });
    let run = runner.run(&cookie_header(), |cookies| {
        store.forget();
        let mut request = Request::new(Body::empty());
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_bytes(&cookies).unwrap());
        let response = runtime.block_on(routes.clone().oneshot(request)).unwrap();
        prop_assert_eq!(response.status(), 200);
        prop_assert!(response.headers().get(header::SET_COOKIE).is_none());
        let calls = store.calls();
        prop_assert!(calls.len() <= 4 && calls.iter().all(|call| *call == Operation::Load));
        prop_assert!(calls.is_empty() || may_hold_a_token(&cookies), "a store call for a malformed token");
        Ok(())
    });
    run.unwrap();
}

/// The same bytes over a real connection: the server answers each and goes on.
#[tokio::test]
async fn hostile_headers_over_http() {
    let routes = Router::new()
        .route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
    let site = Site::open(&SessionManager::<Shop>::new(MemoryStore::new()), routes).await;
    let client = reqwest::Client::new();
    let many = vec![format!("{NAME}=x"); 500].join("; ").into_bytes();
    let hostile = [Vec::new(), vec![b';'; 8000], vec![0xff; 8000], many, format!("{NAME}=").into_bytes()];
    for bytes in hostile {
        let value = HeaderValue::from_bytes(&bytes).unwrap();
        let response = client.get(site.url("/")).header(header::COOKIE, value).send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.text().await.unwrap()), (200, "0".to_owned()));
    }
}

on_each_store! {
    /// A thousand visitors with tokens that nobody issued, who only look: the store stays empty.
    async fn random_tokens_leave_no_records(store) {
        let faulty = FaultyStore::new(store);
        let routes = Router::new().route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let routes = routes.layer(sessions.layer());
        for _ in 0..1000 {
            let token = session_tests::forged_token().await;
            let request = Request::get("/").header(header::COOKIE, format!("{NAME}={token}")).body(Body::empty()).unwrap();
            routes.clone().oneshot(request).await.unwrap();
        }
        assert!(faulty.calls().iter().all(|call| *call == Operation::Load));
    }
}

/// A token is taken from the configured carrier only: not from the query, another header or a cookie of another name.
#[tokio::test]
async fn a_token_is_taken_from_its_carrier_only() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let session = sessions.start();
    session.set_count(7).await.unwrap();
    let token = session.token().unwrap();
    let routes = Router::new()
        .route("/", get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }));
    let site = Site::open(&sessions, routes).await;
    let client = reqwest::Client::new();
    let request =
        |name: &str, value: String| client.get(site.url(&format!("/?{NAME}={token}"))).header(name, value).send();
    let right = request("cookie", format!("a=b; {NAME}={token}; c=d")).await.unwrap();
    assert_eq!(right.text().await.unwrap(), "7");
    for (name, value) in [
        ("authorization", format!("Bearer {token}")),
        ("x-session", token.to_string()),
        ("cookie", format!("session={token}")),
        ("cookie", format!("x{NAME}={token}; {NAME}x={token}; {NAME} ={token}")),
        ("cookie", format!("{NAME}=\"{token}\"")),
        ("set-cookie", format!("{NAME}={token}")),
    ] {
        let wrong = request(name, value.clone()).await.unwrap();
        assert_eq!(wrong.text().await.unwrap(), "0", "{name}: {value}");
    }
}

/// Nothing that is emitted, shown or answered as an error ever holds a secret.
#[tokio::test]
async fn no_event_and_no_debug_text_holds_a_secret() {
    let events = Events::collect();
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::builder(store.clone()).transport(Transport::Cookie).build().unwrap();
    let session = sessions.start().buffered();
    session.set_user(7).await.unwrap();
    session.set_flash("confidential".into()).await.unwrap();
    session.commit().await.unwrap();
    let token = session.token().unwrap();
    store.inject(1, Fault::LoseAnswer);
    store.inject(2, Fault::LoseAnswer);
    session.regenerate().await.unwrap();
    let error = session.commit().await.unwrap_err();
    session.set_flash("confidential".into()).await.unwrap();
    let other = sessions.open(&token).await;
    let shown = format!("{token:?} {session:?} {sessions:?} {error:?} {error} {other:?} {:?}", session.token());
    drop(session);
    let all = format!("{shown} {}", events.text());
    assert!(all.contains(&token.id().to_string()), "the ID may be shown, and is");
    // The last 21 characters of a token are of its secret alone.
    assert!(!all.contains(&token.to_string()[22..]), "{all}");
    assert!(!all.contains("confidential"), "{all}");
}
