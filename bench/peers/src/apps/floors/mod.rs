//! Sessions written by hand for this one application, without a library: what one would do without it.

use std::error::Error;
use std::future::Future;

use axum::Router;
use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::sample::{self, FULL, Item, SMALL, USER};

mod carts;
pub(crate) mod memory;
pub(crate) mod postgres;
pub(crate) mod redis;
pub(crate) mod sqlite;
mod ticket;

/// What a session holds.
#[derive(Default)]
pub(crate) struct Data {
    /// Who is signed in.
    pub(crate) user: Option<u64>,
    /// A number.
    pub(crate) counter: u64,
    /// The cart.
    pub(crate) cart: Vec<Item>,
    /// A text.
    pub(crate) note: String,
}

/// Sessions in some store. Each is found by the token that its browser has.
pub(crate) trait Sessions: Clone + Send + Sync + 'static {
    /// The counter.
    fn read(&self, token: &str) -> impl Future<Output = Found<u64>> + Send;
    /// Sets it.
    fn set(&self, token: &str, counter: u64) -> impl Future<Output = Found<()>> + Send;
    /// Raises it by one, atomically.
    fn update(&self, token: &str) -> impl Future<Output = Found<u64>> + Send;
    /// Signs this user in, and gives the session's new token.
    fn login(&self, token: &str, user: u64) -> impl Future<Output = Found<String>> + Send;
    /// Begins a session, and gives its token.
    fn begin(&self, data: Data) -> impl Future<Output = Found<String>> + Send;
    /// User, counter and cart.
    fn all(&self, token: &str) -> impl Future<Output = Found<(Option<u64>, u64, Vec<Item>)>> + Send;
    /// Sets the note.
    fn set_note(&self, token: &str, note: String) -> impl Future<Output = Found<()>> + Send;
    /// The note.
    fn read_note(&self, token: &str) -> impl Future<Output = Found<String>> + Send;
}

/// What is found in a session.
pub(crate) type Found<T> = Result<T, Failed>;

/// Why nothing is.
pub(crate) enum Failed {
    /// There is no such session, or none any more.
    Stranger,
    /// The store fails.
    Store(String),
}

impl<E: Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Store(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        match self {
            Self::Stranger => StatusCode::UNAUTHORIZED.into_response(),
            Self::Store(error) => (StatusCode::INTERNAL_SERVER_ERROR, error).into_response(),
        }
    }
}

/// The application over these sessions.
pub(crate) fn routes<S: Sessions>(sessions: S) -> Router {
    Router::new()
        .route("/none", get(async || "none"))
        .route("/read", get(read::<S>))
        .route("/set", post(set::<S>))
        .route("/update", post(update::<S>))
        .route("/login", post(login::<S>))
        .route("/visit", post(visit::<S>))
        .route("/all", get(all::<S>))
        .route("/fill", post(async |State(sessions): State<S>| fill(sessions, FULL).await))
        .route("/fill-small", post(async |State(sessions): State<S>| fill(sessions, SMALL).await))
        .route("/visit-note", post(begin_note::<S>))
        .route("/note", get(read_note::<S>).post(set_note::<S>))
        .with_state(sessions)
}

async fn read<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    Ok(sessions.read(token(&headers)?).await?.to_string())
}

async fn set<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    let value = sample::fresh();
    sessions.set(token(&headers)?, value).await?;
    Ok(value.to_string())
}

async fn update<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    Ok(sessions.update(token(&headers)?).await?.to_string())
}

async fn login<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<(SetCookie, &'static str)> {
    let token = sessions.login(token(&headers)?, USER).await?;
    Ok((set_cookie(&token), "in"))
}

async fn visit<S: Sessions>(State(sessions): State<S>) -> Found<(SetCookie, String)> {
    let counter = sample::fresh();
    let token = sessions.begin(Data { counter, ..Data::default() }).await?;
    Ok((set_cookie(&token), counter.to_string()))
}

async fn all<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    let (user, counter, cart) = sessions.all(token(&headers)?).await?;
    Ok(sample::everything(user, counter, &cart))
}

async fn fill<S: Sessions>(sessions: S, items: usize) -> Found<(SetCookie, &'static str)> {
    let data = Data { user: Some(USER), counter: 1, cart: sample::cart(items), ..Data::default() };
    Ok((set_cookie(&sessions.begin(data).await?), "1"))
}

async fn begin_note<S: Sessions>(State(sessions): State<S>) -> Found<(SetCookie, String)> {
    let note = sample::note();
    let length = note.len();
    let token = sessions.begin(Data { note, ..Data::default() }).await?;
    Ok((set_cookie(&token), length.to_string()))
}

async fn set_note<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    let note = sample::note();
    let length = note.len();
    sessions.set_note(token(&headers)?, note).await?;
    Ok(length.to_string())
}

async fn read_note<S: Sessions>(State(sessions): State<S>, headers: HeaderMap) -> Found<String> {
    Ok(sessions.read_note(token(&headers)?).await?.len().to_string())
}

/// The token in a request's cookie.
fn token(headers: &HeaderMap) -> Found<&str> {
    let cookies = headers.get(header::COOKIE).and_then(|cookies| cookies.to_str().ok()).unwrap_or_default();
    cookies.split("; ").find_map(|pair| pair.strip_prefix("sid=")).ok_or(Failed::Stranger)
}

/// 128 random bits.
pub(crate) fn random() -> u128 {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).expect("random bits");
    u128::from_ne_bytes(bits)
}

/// The header that gives a browser its token.
type SetCookie = AppendHeaders<[(HeaderName, String); 1]>;

fn set_cookie(token: &str) -> SetCookie {
    let cookie = format!("sid={token}; Path=/; Max-Age=86400; HttpOnly; Secure; SameSite=Lax");
    AppendHeaders([(header::SET_COOKIE, cookie)])
}
