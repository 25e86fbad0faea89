//! ruts, as its README has it, over `CookieManagerLayer`; each value lives for a day.

use std::sync::Arc;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::StatusCode;
use ruts::store::moka::MokaStoreBuilder;
use ruts::store::postgres::PostgresStoreBuilder;
use ruts::store::redis::RedisStore;
use ruts::store::{SessionStore, Ttl};
use ruts::{CookieOptions, Session, SessionLayer};
use tower_cookies::CookieManagerLayer;
use tower_sessions_redis_store::fred::prelude::{Client, ClientLike as _, Config};
use tower_sessions_sqlx_store::sqlx::PgPool;

use super::{App, service};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// A day, in seconds.
const DAY: u64 = 24 * 60 * 60;

type Answer = Result<String, Failed>;

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    service::app(async { memory() })
}

/// The application over sessions in memory.
pub(crate) fn memory() -> Router {
    // Its own example's 10,000 would evict the sessions of this benchmark.
    app(MokaStoreBuilder::new().max_capacity(10_000_000).build())
}

/// The application over sessions in a Redis server, of at least 7.4.
pub(crate) async fn redis(url: &str) -> Router {
    let client = Client::new(Config::from_url(url).expect("a URL"), None, None, None);
    client.init().await.expect("a Redis server");
    app(RedisStore::new(Arc::new(client)).await.expect("a store"))
}

/// The application over sessions in a PostgreSQL server.
pub(crate) async fn postgres(url: &str) -> Router {
    let pool = PgPool::connect(url).await.expect("a database");
    app(PostgresStoreBuilder::new(pool).create_table(true).build().await.expect("a store"))
}

/// The application over this store.
fn app<S: SessionStore + 'static>(store: S) -> Router {
    let cookie = CookieOptions::build()
        .name("session")
        .http_only(true)
        .same_site(ruts::cookie::SameSite::Lax)
        .secure(true)
        .max_age(DAY)
        .path("/");
    Router::new()
        .route("/none", get(async || "none"))
        .route("/read", get(read::<S>))
        .route("/set", post(set::<S>))
        .route("/update", post(update::<S>))
        .route("/login", post(login::<S>))
        .route("/visit", post(set::<S>))
        .route("/all", get(all::<S>))
        .route("/fill", post(async |session: Session<S>| fill(session, FULL).await))
        .route("/fill-small", post(async |session: Session<S>| fill(session, SMALL).await))
        .route("/visit-note", post(set_note::<S>))
        .route("/note", get(read_note::<S>).post(set_note::<S>))
        .layer(SessionLayer::new(Arc::new(store)).with_cookie_options(cookie))
        .layer(CookieManagerLayer::new())
}

/// An error that axum can answer with.
struct Failed(String);

impl<E: std::error::Error> From<E> for Failed {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0).into_response()
    }
}

fn day() -> Ttl {
    Ttl::new(DAY.cast_signed()).expect("a time to live")
}

async fn read<S: SessionStore>(session: Session<S>) -> Answer {
    Ok(session.get::<u64>("counter").await?.unwrap_or_default().to_string())
}

async fn set<S: SessionStore>(session: Session<S>) -> Answer {
    let value = sample::fresh();
    session.set("counter", &value, day(), None).await?;
    Ok(value.to_string())
}

async fn update<S: SessionStore>(session: Session<S>) -> Answer {
    let value = session.get::<u64>("counter").await?.unwrap_or_default() + 1;
    session.set("counter", &value, day(), None).await?;
    Ok(value.to_string())
}

async fn login<S: SessionStore>(session: Session<S>) -> Result<&'static str, Failed> {
    session.prepare_regenerate();
    session.set("user", &USER, day(), None).await?;
    Ok("in")
}

async fn all<S: SessionStore>(session: Session<S>) -> Answer {
    let Some(map) = session.get_all().await? else { return Ok(String::new()) };
    let cart: Vec<Item> = map.get("cart")?.unwrap_or_default();
    Ok(sample::everything(map.get("user")?, map.get("counter")?.unwrap_or_default(), &cart))
}

async fn fill<S: SessionStore>(session: Session<S>, items: usize) -> Answer {
    session.set("user", &USER, day(), None).await?;
    session.set("counter", &1_u64, day(), None).await?;
    session.set("cart", &sample::cart(items), day(), None).await?;
    Ok("1".to_owned())
}

async fn set_note<S: SessionStore>(session: Session<S>) -> Answer {
    let note = sample::note();
    session.set("note", &note, day(), None).await?;
    Ok(note.len().to_string())
}

async fn read_note<S: SessionStore>(session: Session<S>) -> Answer {
    Ok(session.get::<String>("note").await?.unwrap_or_default().len().to_string())
}
