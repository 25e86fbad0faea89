//! Tokens in headers.

use axum::Router;
use axum::routing::get;
use reqwest::Response;
use session_runtime::{MemoryStore, Session, SessionError, SessionManager, Transport};
use session_tests::{Shop, Site};

fn routes() -> Router {
    Router::new()
        .route(
            "/read",
            get(|session: Session<Shop>| async move { session.count().await.map(|count| count.to_string()) }),
        )
        .route("/update", get(|session: Session<Shop>| async move { session.update_count(|count| *count += 1).await }))
        .route("/sign-in", get(|session: Session<Shop>| async move { session.set_user(7).await }))
        .route("/destroy", get(|session: Session<Shop>| async move { session.destroy().await }))
}

async fn site(transport: Transport) -> Site {
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).transport(transport).build().unwrap();
    Site::open(&sessions, routes()).await
}

async fn get_with(site: &Site, page: &str, header: &str, value: &str) -> Response {
    reqwest::Client::new().get(site.url(page)).header(header, value).send().await.unwrap()
}

fn sent(response: &Response, header: &str) -> Option<String> {
    response.headers().get(header).map(|value| value.to_str().unwrap().to_owned())
}

/// A bearer token goes both ways in `Authorization`; no cookie is sent or read.
#[tokio::test]
async fn a_bearer_token_goes_both_ways() {
    let site = site(Transport::bearer()).await;
    let first = get_with(&site, "/update", "x-other", "").await;
    let bearer = sent(&first, "authorization").unwrap();
    assert!(bearer.starts_with("Bearer ") && bearer.len() == "Bearer ".len() + 43, "{bearer}");
    assert_eq!((sent(&first, "set-cookie"), sent(&first, "cache-control")), (None, Some("no-store".into())));
    let again = get_with(&site, "/update", "authorization", &bearer).await;
    assert_eq!(sent(&again, "authorization"), None, "nothing changed");
    for spelling in [bearer.clone(), bearer.replace("Bearer", "bearer"), bearer.replace("Bearer ", "BEARER   ")] {
        let read = get_with(&site, "/read", "authorization", &spelling).await;
        assert_eq!(sent(&read, "vary").as_deref(), Some("authorization"));
        assert_eq!(read.text().await.unwrap(), "2", "{spelling}");
    }
    for wrong in [&bearer[7..], &bearer.replace("Bearer", "Basic"), &bearer.replace(' ', ""), "Bearer", ""] {
        assert_eq!(get_with(&site, "/read", "authorization", wrong).await.text().await.unwrap(), "0", "{wrong}");
    }
    let cookie = format!("__Host-session={}", &bearer[7..]);
    assert_eq!(get_with(&site, "/read", "cookie", &cookie).await.text().await.unwrap(), "0");
}

/// A rotation sends the new token in the same header; the old one is superseded.
#[tokio::test]
async fn a_header_token_rotates() {
    let site = site(Transport::header("x-session")).await;
    let token = sent(&get_with(&site, "/update", "x-other", "").await, "x-session").unwrap();
    assert_eq!(token.len(), 43);
    let next = sent(&get_with(&site, "/sign-in", "x-session", &token).await, "x-session").unwrap();
    assert_ne!(next, token);
    assert_eq!(get_with(&site, "/read", "x-session", &token).await.text().await.unwrap(), "0");
    assert_eq!(get_with(&site, "/read", "x-session", &next).await.text().await.unwrap(), "1");
    let ended = get_with(&site, "/destroy", "x-session", &next).await;
    assert_eq!((sent(&ended, "x-session"), sent(&ended, "set-cookie")), (None, None));
    assert_eq!(get_with(&site, "/read", "x-session", &next).await.text().await.unwrap(), "0");
}

#[test]
fn impossible_headers_are_refused() {
    let with_scheme =
        |scheme: &'static str| Transport::Header { name: "authorization".into(), scheme: Some(scheme.into()) };
    for transport in [
        Transport::header("not a name"),
        Transport::header(""),
        Transport::header("Cookie"),
        Transport::header("Set-Cookie"),
        with_scheme(""),
        with_scheme("a b"),
    ] {
        let built = SessionManager::<Shop>::builder(MemoryStore::new()).transport(transport.clone()).build();
        assert!(matches!(built, Err(SessionError::Config { .. })), "{transport:?}");
    }
}
