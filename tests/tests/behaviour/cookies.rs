//! The cookie's text and what browsers would refuse.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_runtime::testing::ManualClock;
use session_runtime::{CookieOptions, MemoryStore, SameSite, Session, SessionError, SessionManager, SiteData};
use session_tests::{Shop, Site};

fn routes() -> Router {
    Router::new()
        .route("/begin-anew", get(begin_anew))
        .route("/set", get(|session: Session<Shop>| async move { session.set_count(1).await }))
        .route("/destroy", get(|session: Session<Shop>| async move { session.destroy().await }))
}

async fn begin_anew(session: Session<Shop>) -> session_runtime::Result<()> {
    session.destroy().await?;
    session.set_count(2).await
}

async fn cookies(options: CookieOptions, pages: &[&str], name: &str) -> Vec<String> {
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options).build().unwrap();
    let site = Site::open(&sessions, routes()).await;
    let client = reqwest::Client::new();
    let mut cookie = String::new();
    let mut found = Vec::new();
    for page in pages {
        let response = client.get(site.url(page)).header("cookie", format!("{name}={cookie}")).send().await.unwrap();
        let value = response.headers()["set-cookie"].to_str().unwrap().to_owned();
        cookie = value.split(['=', ';']).nth(1).unwrap().to_owned();
        found.push(value);
    }
    found
}

#[tokio::test]
async fn the_default_cookie() {
    let found = cookies(CookieOptions::new(), &["/set", "/destroy"], "__Host-session").await;
    let (pair, attributes) = found[0].split_once("; ").unwrap();
    assert_eq!(pair.len(), "__Host-session=".len() + 43);
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    assert_eq!(found[1], "__Host-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0");
}

/// A removal repeats all that browsers tell cookies apart by.
#[tokio::test]
async fn a_removal_repeats_the_attributes() {
    let options = CookieOptions::new()
        .name("__Secure-shop")
        .path("/shop")
        .domain("example.com")
        .same_site(SameSite::None)
        .partitioned(true);
    let found = cookies(options, &["/set", "/destroy"], "__Secure-shop").await;
    let attributes = "HttpOnly; SameSite=None; Partitioned; Secure; Path=/shop; Domain=example.com";
    assert!(found[0].ends_with(attributes), "{found:?}");
    assert_eq!(found[1], format!("__Secure-shop=; {attributes}; Max-Age=0"));
}

/// Development over plain HTTP is one call.
#[tokio::test]
async fn a_cookie_for_plain_http() {
    let found = cookies(CookieOptions::plain_http(), &["/set", "/destroy"], "session").await;
    assert_eq!(found[0].split_once("; ").unwrap().1, "HttpOnly; SameSite=Lax; Path=/");
    assert_eq!(found[1], "session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0");
}

/// A cookie that outlives the browser does so to the session's absolute deadline, and no longer than browsers keep it.
#[tokio::test]
async fn a_persistent_cookie() {
    const DAY: u64 = 24 * 60 * 60;
    for (absolute, sent) in [(30 * DAY, 30 * DAY), (10 * 365 * DAY, 400 * DAY)] {
        let sessions = SessionManager::<Shop>::builder(MemoryStore::new())
            .cookie(CookieOptions::new().persistent(true))
            .absolute_timeout(Duration::from_secs(absolute))
            .clock(ManualClock::new());
        let site = Site::open(&sessions.build().unwrap(), routes()).await;
        let reply = site.visitor().get("/set").await;
        assert!(reply.set_cookies[0].ends_with(&format!("; Max-Age={sent}")), "{:?}", reply.set_cookies);
    }
}

/// What else browsers shall forget is said where the cookie is removed, and nowhere else.
#[tokio::test]
async fn site_data_is_cleared_with_the_cookie() {
    let everything = CookieOptions::new().clear_site_data([SiteData::Cache, SiteData::Storage]);
    let plain = CookieOptions::new();
    for (options, said) in [(everything, Some("\"cache\", \"storage\"")), (plain, None)] {
        let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options).build().unwrap();
        let site = Site::open(&sessions, routes()).await;
        let mut cookie = String::new();
        for (page, says) in [("/destroy", None), ("/set", None), ("/begin-anew", None), ("/destroy", said)] {
            let request = reqwest::Client::new().get(site.url(page)).header("cookie", &cookie);
            let response = request.send().await.unwrap();
            let clear = response.headers().get("clear-site-data").map(|value| value.to_str().unwrap());
            assert_eq!(clear, says, "{page}");
            if let Some(set) = response.headers().get("set-cookie") {
                cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            }
        }
    }
}

/// What browsers would refuse or misread is refused when the manager is built, with what to change.
#[test]
fn cookies_that_browsers_refuse() {
    let new = CookieOptions::new;
    for (options, says) in [
        (new().secure(false), "without `Secure`"),
        (new().name("__hOsT-x").secure(false), "without `Secure`"),
        (new().name("__Secure-x").secure(false), "without `Secure`"),
        (new().name("__http-x").secure(false), "without `Secure`"),
        (new().name("__Host-Http-x").secure(false), "CookieOptions::plain_http()"),
        (new().name("__host-HTTP-x").domain("example.com"), "leave the domain out"),
        (new().name("__Host-Http-x").path("/shop"), "use `/`"),
        (new().domain("example.com"), "leave the domain out"),
        (new().name("__HOST-x").domain("example.com"), "leave the domain out"),
        (new().path("/shop"), "use `/`"),
        (new().name("sid").secure(false).same_site(SameSite::None), "`SameSite=None` needs `Secure`"),
        (new().name("sid").secure(false).partitioned(true), "`Partitioned` needs `Secure`"),
        (new().name(""), "not a cookie name"),
        (new().name("a b"), "not a cookie name"),
        (new().name("a=b"), "not a cookie name"),
        (new().name("schön"), "not a cookie name"),
        (new().name("x".repeat(4033)), "at most 4032 characters"),
        (new().name("sid").path("shop"), "must begin with `/`"),
        (new().name("sid").path("/a;b"), "can't be a cookie's path"),
        (new().name("sid").path("/a "), "can't be a cookie's path"),
        (new().name("sid").path("/ä"), "can't be a cookie's path"),
        (new().name("sid").path(format!("/{}", "x".repeat(1024))), "can't be a cookie's path"),
        (new().name("sid").domain(""), "domain is empty"),
        (new().name("sid").domain("a\nb"), "is not a domain"),
        (new().name("sid").domain(".example.com"), "write `example.com`"),
        (new().name("sid").domain("example..com"), "is not a domain"),
        (new().name("sid").domain("example.com."), "is not a domain"),
        (new().name("sid").domain("-example.com"), "is not a domain"),
        (new().name("sid").domain("exämple.com"), "xn--"),
        (new().name("sid").domain("example.com:8080"), "is an address"),
        (new().name("sid").domain("127.0.0.1"), "is an address"),
        (new().name("sid").domain("[::1]"), "is an address"),
        (new().name("sid").domain("x".repeat(64)), "is not a domain"),
        (new().name("sid").domain(["x"; 128].join(".")), "is not a domain"),
    ] {
        let built = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options.clone()).build();
        match built {
            Err(SessionError::Config { reason, .. }) => assert!(reason.contains(says), "{options:?}: {reason}"),
            _ => panic!("{options:?} was not refused"),
        }
    }
}
