//! axum_session, as its README has it, with secure cookies. Its sessions live in the process, over a database or not.

use std::fmt::Debug;

use axum::Router;
use axum::routing::{get, post};
use axum_session::{DatabasePool, Session, SessionConfig, SessionLayer, SessionNullPool, SessionStore};
use axum_session_redispool::SessionRedisPool;
use axum_session_sqlx::{SessionPgPool, SessionSqlitePool};
use redis_pool::RedisPool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{PgPool, SqlitePool};
use time::Duration;

use super::{App, service};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    service::app(memory())
}

/// Secure cookies; else the defaults.
pub(crate) fn config() -> SessionConfig {
    SessionConfig::default().with_secure(true)
}

/// The same, without sessions in the process: what several processes need that share a database.
pub(crate) fn uncached() -> SessionConfig {
    config().with_memory_lifetime(Duration::ZERO)
}

/// The application over sessions in memory.
pub(crate) async fn memory() -> Router {
    app::<SessionNullPool>(None, config()).await
}

/// The application over sessions in a Redis server.
pub(crate) async fn redis(url: &str, config: SessionConfig) -> Router {
    let pool = RedisPool::from(redis::Client::open(url).expect("a URL"));
    app::<SessionRedisPool>(Some(pool.into()), config).await
}

/// The application over sessions in a file.
pub(crate) async fn sqlite(path: &str, config: SessionConfig) -> Router {
    // The settings of session-runtime's own database; the file's default would be slower.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let pool = SqlitePool::connect_with(options).await.expect("a database");
    app::<SessionSqlitePool>(Some(pool.into()), config).await
}

/// The application over sessions in a PostgreSQL server.
pub(crate) async fn postgres(url: &str, config: SessionConfig) -> Router {
    let pool = PgPool::connect(url).await.expect("a database");
    app::<SessionPgPool>(Some(pool.into()), config).await
}

/// The application over this database.
async fn app<P>(database: Option<P>, config: SessionConfig) -> Router
where
    P: DatabasePool + Clone + Debug + Send + Sync + 'static,
{
    let store = SessionStore::<P>::new(database, config).await.expect("a store");
    Router::new()
        .route("/none", get(async || "none"))
        .route("/read", get(read::<P>))
        .route("/set", post(set::<P>))
        .route("/update", post(update::<P>))
        .route("/login", post(login::<P>))
        .route("/visit", post(set::<P>))
        .route("/all", get(all::<P>))
        .route("/fill", post(async |session: Session<P>| fill(&session, FULL)))
        .route("/fill-small", post(async |session: Session<P>| fill(&session, SMALL)))
        .route("/visit-note", post(set_note::<P>))
        .route("/note", get(read_note::<P>).post(set_note::<P>))
        .layer(SessionLayer::new(store))
}

async fn read<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    session.get::<u64>("counter").unwrap_or_default().to_string()
}

async fn set<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    let value = sample::fresh();
    session.set("counter", value);
    value.to_string()
}

async fn update<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    let value = session.get::<u64>("counter").unwrap_or_default() + 1;
    session.set("counter", value);
    value.to_string()
}

async fn login<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> &'static str {
    session.renew();
    session.set("user", USER);
    "in"
}

async fn all<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    let cart: Vec<Item> = session.get("cart").unwrap_or_default();
    sample::everything(session.get("user"), session.get("counter").unwrap_or_default(), &cart)
}

fn fill<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: &Session<P>, items: usize) -> &'static str {
    session.set("user", USER);
    session.set("counter", 1);
    session.set("cart", sample::cart(items));
    "1"
}

async fn set_note<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    let note = sample::note();
    session.set("note", &note);
    note.len().to_string()
}

async fn read_note<P: DatabasePool + Clone + Debug + Send + Sync + 'static>(session: Session<P>) -> String {
    session.get::<String>("note").unwrap_or_default().len().to_string()
}
