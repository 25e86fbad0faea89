//! Astro's tests of an application with sessions (8 cases), over HTTP, on both stores.
//!
//! | source case | test |
//! | --- | --- |
//! | 1 regenerate twice | `astro_app_1_regenerate_changes_the_token` (differs) |
//! | 2 cookie attributes | `astro_app_2_the_cookie_is_secure_and_http_only` |
//! | 3 saved by value | `astro_app_3_values_are_saved_when_set` |
//! | 4 a URL through an action | `astro_app_4_a_url_is_saved_and_restored` |
//! | 5 unknown ID, login | `astro_app_5_an_unknown_token_is_not_adopted` |
//! | 6 known ID, write | `astro_app_6_a_known_token_stays_on_write` (differs) |
//! | 7 safe login | `astro_app_7_a_safe_login_changes_the_token` (differs) |
//! | 8 load by ID without a cookie | `astro_app_8_a_cart_is_loaded_without_a_cookie` (differs) |

use axum::extract::{Query, State};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::{Deserialize, Serialize};
use session_runtime::{Result, Session, SessionData, SessionManager, Token};

use crate::support::*;

const COOKIE: &str = "__Host-session";

/// Values live for 20 seconds, as in the source's application.
#[derive(SessionData)]
struct Shop {
    #[session(ttl = "20s")]
    value: Option<Vec<String>>,
    #[session(ttl = "20s")]
    user: Option<String>,
    #[session(ttl = "20s")]
    cart: Vec<String>,
    #[session(ttl = "20s")]
    link: Option<Link>,
    /// What an action tells the page after it.
    flash: Option<String>,
}

/// A URL, and nothing that is none.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Link(reqwest::Url);

impl TryFrom<String> for Link {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse().map(Self).map_err(|error| format!("{error}"))
    }
}

impl From<Link> for String {
    fn from(link: Link) -> Self {
        link.0.into()
    }
}

#[derive(Deserialize)]
struct Input {
    input: String,
}

async fn update(session: Session<Shop>) -> Result<String> {
    let before = session.value().await?;
    let mut value = vec!["expected".to_owned()];
    session.set_value(value.clone()).await?;
    value[0] = "unexpected".into();
    Ok(before.map_or("none".into(), |before| before.join(",")))
}

async fn login(session: Session<Shop>) -> Result<()> {
    session.set_user("ada".into()).await
}

async fn login_safe(session: Session<Shop>) -> Result<()> {
    session.regenerate().await?;
    session.set_user("ada".into()).await
}

async fn user(session: Session<Shop>) -> Result<String> {
    Ok(session.user().await?.unwrap_or("none".into()))
}

/// Saves the URL and tells the next page which one there was.
async fn add_url(session: Session<Shop>, Form(Input { input }): Form<Input>) -> Result<()> {
    let before = session.link().await?.map_or("nothing".into(), String::from);
    session.set_flash(before).await?;
    session.set_link(Link(input.parse().unwrap())).await
}

async fn flash(session: Session<Shop>) -> Result<String> {
    Ok(session.take_flash().await?.unwrap_or_default())
}

async fn add_to_cart(session: Session<Shop>, Form(Input { input }): Form<Input>) -> Result<String> {
    session.update_cart(|cart| cart.push(input.clone())).await?;
    Ok(session.cart().await?.join(","))
}

/// The cart of the session that this token opens, whoever asks.
async fn load_cart(
    State(sessions): State<SessionManager<Shop>>,
    Query(Input { input }): Query<Input>,
) -> Result<String> {
    let Ok(token) = input.parse::<Token>() else { return Ok("not a token".into()) };
    match sessions.open(&token).await? {
        Some(session) => Ok(session.cart().await?.join(",")),
        None => Ok("no session".into()),
    }
}

async fn site(store: AnyStore) -> Site {
    let sessions = SessionManager::<Shop>::new(store);
    let routes = Router::new()
        .route("/update", get(update))
        .route("/regenerate", get(async |session: Session<Shop>| session.regenerate().await))
        .route("/login", get(login))
        .route("/login-safe", get(login_safe))
        .route("/user", get(user))
        .route("/actions/addUrl", post(add_url))
        .route("/actions/addToCart", post(add_to_cart))
        .route("/flash", get(flash))
        .route("/cart", get(load_cart));
    Site::serve(routes.layer(sessions.layer()).with_state(sessions)).await
}

/// A well-formed token that no store has heard of.
fn unknown_token() -> Token {
    "A".repeat(43).parse().unwrap()
}

on_each_store!(
    astro_app_1_regenerate_changes_the_token,
    astro_app_2_the_cookie_is_secure_and_http_only,
    astro_app_3_values_are_saved_when_set,
    astro_app_4_a_url_is_saved_and_restored,
    astro_app_5_an_unknown_token_is_not_adopted,
    astro_app_6_a_known_token_stays_on_write,
    astro_app_7_a_safe_login_changes_the_token,
    astro_app_8_a_cart_is_loaded_without_a_cookie,
);

/// Two calls of regenerate give different IDs. Ours: the ID stays, the token changes; and regenerating begins no
/// session.
async fn astro_app_1_regenerate_changes_the_token(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    assert!(browser.get("/regenerate").await.cookies.is_empty());
    let first = browser.get("/login").await.cookie().token();
    let second = browser.get("/regenerate").await.cookie().token();
    let third = browser.get("/regenerate").await.cookie().token();
    assert!(first != second && second != third && first != third);
    assert_eq!([second.id(), third.id()], [first.id(); 2]);
}

/// The cookie is `Secure` and `HttpOnly`.
async fn astro_app_2_the_cookie_is_secure_and_http_only(store: AnyStore) {
    let site = site(store).await;
    let page = site.browser().get("/login").await;
    assert!(page.cookie().has("Secure") && page.cookie().has("HttpOnly"));
}

/// A value is saved as it was when it was set, not as the handler left it.
async fn astro_app_3_values_are_saved_when_set(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    assert_eq!(browser.get("/update").await.body, "none");
    assert_eq!(browser.get("/update").await.body, "expected");
}

/// A URL is saved by one action and restored by the next.
async fn astro_app_4_a_url_is_saved_and_restored(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    for (added, before) in [("https://domain.invalid", "nothing"), ("https://other.invalid", "https://domain.invalid/")]
    {
        browser.post("/actions/addUrl", &[("input", added)]).await;
        assert_eq!(browser.get("/flash").await.body, before);
        assert_eq!(browser.get("/flash").await.body, "");
    }
}

/// A login under an unknown ID sends a new one, and the old one still opens nothing.
async fn astro_app_5_an_unknown_token_is_not_adopted(store: AnyStore) {
    let site = site(store).await;
    let planted = || site.browser().with(COOKIE, unknown_token());
    let token = planted().get("/login").await.cookie().token();
    assert_ne!(token, unknown_token());
    assert_ne!(token.id(), unknown_token().id());
    assert_eq!(planted().get("/user").await.body, "none");
    assert_eq!(site.browser().with(COOKIE, token).get("/user").await.body, "ada");
}

/// A write under a known ID keeps it. Ours: so nothing is sent.
async fn astro_app_6_a_known_token_stays_on_write(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    browser.get("/update").await;
    assert!(browser.get("/login").await.cookies.is_empty());
    assert_eq!(browser.get("/user").await.body, "ada");
}

/// A login that regenerates gets a new ID, and the old one reads nothing. Ours: the ID stays, the token before is
/// superseded.
async fn astro_app_7_a_safe_login_changes_the_token(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    browser.get("/login").await;
    let mut other = browser.clone();
    let page = browser.get("/login-safe").await;
    assert_ne!(Some(page.cookie().value()), other.cookie(COOKIE));
    let stale = other.get("/user").await;
    assert_eq!((&*stale.body, stale.cookies.len()), ("none", 0));
    assert_eq!(browser.get("/user").await.body, "ada");
}

/// A cart that was filled under a cookie is loaded without one, by the session's ID. Ours: by its token; the ID proves
/// nothing.
async fn astro_app_8_a_cart_is_loaded_without_a_cookie(store: AnyStore) {
    let site = site(store).await;
    let mut browser = site.browser();
    let token = browser.post("/actions/addToCart", &[("input", "shoe")]).await.cookie().token();
    assert_eq!(browser.post("/actions/addToCart", &[("input", "sock")]).await.body, "shoe,sock");
    for (shown, expected) in [(token.to_string(), "shoe,sock"), (token.id().to_string(), "not a token")] {
        let page = site.browser().get(&format!("/cart?input={shown}")).await;
        assert_eq!((&*page.body, page.cookies.len()), (expected, 0));
    }
}
