//! The cookie's text and what browsers would refuse.

use axum::Router;
use axum::routing::get;
use proptest::prelude::*;
use session_runtime::{CookieOptions, MemoryStore, SameSite, Session, SessionError, SessionManager};
use session_tests::{Shop, Site};

fn routes() -> Router {
    Router::new()
        .route("/set", get(|session: Session<Shop>| async move { session.set_count(1).await }))
        .route("/destroy", get(|session: Session<Shop>| async move { session.destroy().await }))
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

/// What browsers would refuse or misread is refused when the manager is built, with what to change.
#[test]
fn cookies_that_browsers_refuse() {
    let new = CookieOptions::new;
    for (options, says) in [
        (new().secure(false), "without `Secure`"),
        (new().name("__hOsT-x").secure(false), "without `Secure`"),
        (new().name("__Secure-x").secure(false), "without `Secure`"),
        (new().domain("example.com"), "leave the domain out"),
        (new().name("__HOST-x").domain("example.com"), "leave the domain out"),
        (new().path("/shop"), "use `/`"),
        (new().name("sid").secure(false).same_site(SameSite::None), "`SameSite=None` needs `Secure`"),
        (new().name("sid").secure(false).partitioned(true), "`Partitioned` needs `Secure`"),
        (new().name(""), "not a cookie name"),
        (new().name("a b"), "not a cookie name"),
        (new().name("a=b"), "not a cookie name"),
        (new().name("schön"), "not a cookie name"),
        (new().name("x".repeat(4096)), "too long"),
        (new().name("sid").path("shop"), "must begin with `/`"),
        (new().name("sid").path("/a;b"), "can't be a cookie's attribute"),
        (new().name("sid").path(format!("/{}", "x".repeat(1024))), "can't be a cookie's attribute"),
        (new().name("sid").domain(""), "domain is empty"),
        (new().name("sid").domain("a\nb"), "can't be a cookie's attribute"),
    ] {
        let built = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options.clone()).build();
        match built {
            Err(SessionError::Config { reason, .. }) => assert!(reason.contains(says), "{options:?}: {reason}"),
            _ => panic!("{options:?} was not refused"),
        }
    }
}

proptest! {
    /// Whatever the options are: refused, or a header that a strict parser reads as what was asked for.
    #[test]
    fn accepted_options_make_a_valid_header(
        name in "[ -~]{0,20}", path in "/?[ -~]{0,20}", domain in prop::option::of("[ -~]{0,20}"),
        secure: bool, partitioned: bool,
    ) {
        let mut options = CookieOptions::new().name(name.clone()).path(path.clone()).secure(secure).partitioned(partitioned);
        if let Some(domain) = &domain {
            options = options.domain(domain.clone());
        }
        if let Ok(sessions) = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options).build() {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let header = runtime.block_on(first_cookie(&sessions));
            let mut parts = header.split("; ");
            let (found, token) = parts.next().unwrap().split_once('=').unwrap();
            prop_assert_eq!(found, name);
            prop_assert_eq!(token.len(), 43);
            let attributes: Vec<_> = parts.collect();
            let path = format!("Path={path}");
            prop_assert!(attributes.contains(&"HttpOnly") && attributes.contains(&&*path), "{}", header);
            prop_assert_eq!(attributes.contains(&"Secure"), secure);
            prop_assert_eq!(attributes.contains(&"Partitioned"), partitioned);
            prop_assert_eq!(attributes.iter().filter(|part| part.starts_with("Domain=")).count(), usize::from(domain.is_some()));
        }
    }
}

async fn first_cookie(sessions: &SessionManager<Shop>) -> String {
    use tower::ServiceExt as _;
    let request = axum::http::Request::get("/set").body(axum::body::Body::empty()).unwrap();
    let response = routes().layer(sessions.layer()).oneshot(request).await.unwrap();
    response.headers()["set-cookie"].to_str().unwrap().to_owned()
}
