//! Sessions that are composed of schemas which know nothing of each other.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod example;
mod fields;
mod generic;
mod layers;
mod managers;
mod requests;
mod tower_only;

use axum::Router;
use axum::body::Body;
use axum::handler::Handler;
use axum::http::{Request, Response, StatusCode, header};
use axum::routing::get;
use http_body_util::BodyExt as _;
use session_runtime::{SessionData, SessionManager, Token};
use tower::ServiceExt as _;

/// A library's slice, with a field of each kind.
#[derive(Debug, PartialEq, SessionData)]
#[session(prefix = "auth")]
struct Auth {
    #[session(rotate)]
    user: Option<u64>,
    #[session(ttl = "15m")]
    code: Option<String>,
    #[session(lazy)]
    devices: Vec<String>,
    attempts: u32,
}

/// Another library's, without a prefix.
#[derive(Debug, PartialEq, SessionData)]
struct Messages {
    flash: Vec<String>,
}

/// A slice that has a slice.
#[derive(Debug, PartialEq, SessionData)]
#[session(prefix = "account")]
struct Account {
    #[session(flatten)]
    auth: Auth,
    name: Option<String>,
}

/// The application's.
#[derive(Debug, PartialEq, SessionData)]
struct App {
    visits: u32,
    #[session(flatten)]
    account: Account,
    #[session(flatten)]
    messages: Messages,
    cart: Vec<String>,
    #[session(lazy)]
    history: Vec<u32>,
}

/// What a visitor gets.
#[derive(Debug)]
struct Reply {
    status: StatusCode,
    /// The values of `Set-Cookie`.
    cookies: Vec<String>,
    text: String,
}

impl Reply {
    /// The token in the only cookie.
    fn token(&self) -> Token {
        let [cookie] = self.cookies.as_slice() else { panic!("not one cookie: {self:?}") };
        cookie_value(cookie).parse().unwrap()
    }
}

fn cookie_value(cookie: &str) -> &str {
    cookie.strip_prefix("__Host-session=").unwrap().split(';').next().unwrap()
}

/// What this handler answers under the manager's layer.
async fn request<T: SessionData, H: Handler<X, ()>, X: 'static>(
    sessions: &SessionManager<T>,
    token: Option<Token>,
    handler: H,
) -> Reply {
    send(routes(handler).layer(sessions.layer()), token).await
}

fn routes<H: Handler<X, ()>, X: 'static>(handler: H) -> Router {
    Router::new().route("/", get(handler))
}

async fn send(routes: Router, token: Option<Token>) -> Reply {
    let mut request = Request::get("/");
    if let Some(token) = token {
        request = request.header(header::COOKIE, format!("__Host-session={token}"));
    }
    reply(routes.oneshot(request.body(Body::empty()).unwrap()).await.unwrap()).await
}

async fn reply(response: Response<Body>) -> Reply {
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    Reply {
        status: response.status(),
        cookies: cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect(),
        text: String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap(),
    }
}

/// A session that has been confirmed just now, so that no touch is due.
async fn live_session(sessions: &SessionManager<App>) -> Token {
    let session = sessions.start().buffered();
    session.set_visits(7).await.unwrap();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    session.set_history(vec![1, 2]).await.unwrap();
    session.messages().set_flash(vec!["hello".into()]).await.unwrap();
    session.account().set_name("Ada".into()).await.unwrap();
    session.account().auth().set_attempts(1).await.unwrap();
    session.account().auth().set_devices(vec!["phone".into()]).await.unwrap();
    session.commit().await.unwrap();
    let token = session.token().unwrap();
    sessions.open(&token).await.unwrap().unwrap();
    token
}
