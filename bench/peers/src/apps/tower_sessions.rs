//! tower-sessions, as its README has it, with secure cookies (its default) and an expiry on inactivity of a day.

use axum::Router;
use axum::routing::{get, post};
use time::Duration;
use tower_sessions_14::session_store::ExpiredDeletion as _;
use tower_sessions_redis_store::RedisStore;
use tower_sessions_redis_store::fred::prelude::{ClientLike as _, Config, Pool};
use tower_sessions_sqlx_store::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use tower_sessions_sqlx_store::sqlx::{PgPool, SqlitePool};
use tower_sessions_sqlx_store::{PostgresStore, SqliteStore};

use super::{App, service};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// How often the stores look for what has expired.
const SWEEP: tokio::time::Duration = tokio::time::Duration::from_secs(60);

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    service::app(async { memory() })
}

/// The application over sessions in memory.
pub(crate) fn memory() -> Router {
    v15::app(tower_sessions::MemoryStore::default())
}

/// The application over sessions in a Redis server, with a pool of six connections.
pub(crate) async fn redis(url: &str) -> Router {
    let pool = Pool::new(Config::from_url(url).expect("a URL"), None, None, None, 6).expect("a pool");
    pool.connect();
    pool.wait_for_connect().await.expect("a Redis server");
    v14::app(RedisStore::new(pool))
}

/// The application over sessions in a file.
pub(crate) async fn sqlite(path: &str) -> Router {
    // The settings of session-runtime's own database; the file's default would be slower.
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let store = SqliteStore::new(SqlitePool::connect_with(options).await.expect("a database"));
    store.migrate().await.expect("its table");
    tokio::spawn(store.clone().continuously_delete_expired(SWEEP));
    v14::app(store)
}

/// The application over sessions in a PostgreSQL server.
pub(crate) async fn postgres(url: &str) -> Router {
    let store = PostgresStore::new(PgPool::connect(url).await.expect("a database"));
    store.migrate().await.expect("its table");
    tokio::spawn(store.clone().continuously_delete_expired(SWEEP));
    v14::app(store)
}

/// The application with one version of the crate.
macro_rules! application {
    ($(#[$module:meta])* $name:ident, $crate_name:ident) => {
        $(#[$module])*
        pub(crate) mod $name {
            use super::*;
            use $crate_name::session::Error;
            use $crate_name::{Expiry, Session, SessionManagerLayer, SessionStore};

            type Answer = Result<String, Failed>;

            /// An error that axum can answer with.
            pub(crate) struct Failed(Error);

            impl From<Error> for Failed {
                fn from(error: Error) -> Self {
                    Self(error)
                }
            }

            impl axum::response::IntoResponse for Failed {
                fn into_response(self) -> axum::response::Response {
                    (http::StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
                }
            }

            /// The application over this store.
            pub(crate) fn app(store: impl SessionStore + Clone) -> Router {
                let layer = SessionManagerLayer::new(store).with_expiry(Expiry::OnInactivity(Duration::days(1)));
                Router::new()
                    .route("/none", get(async || "none"))
                    .route("/read", get(read))
                    .route("/set", post(set))
                    .route("/update", post(update))
                    .route("/login", post(login))
                    .route("/visit", post(set))
                    .route("/all", get(all))
                    .route("/fill", post(async |session| fill(session, FULL).await))
                    .route("/fill-small", post(async |session| fill(session, SMALL).await))
                    .route("/visit-note", post(set_note))
                    .route("/note", get(read_note).post(set_note))
                    .layer(layer)
            }

            async fn read(session: Session) -> Answer {
                Ok(session.get::<u64>("counter").await?.unwrap_or_default().to_string())
            }

            async fn set(session: Session) -> Answer {
                let value = sample::fresh();
                session.insert("counter", value).await?;
                Ok(value.to_string())
            }

            async fn update(session: Session) -> Answer {
                let value = session.get::<u64>("counter").await?.unwrap_or_default() + 1;
                session.insert("counter", value).await?;
                Ok(value.to_string())
            }

            async fn login(session: Session) -> Result<&'static str, Failed> {
                session.cycle_id().await?;
                session.insert("user", USER).await?;
                Ok("in")
            }

            async fn all(session: Session) -> Answer {
                let user = session.get("user").await?;
                let counter = session.get("counter").await?.unwrap_or_default();
                let cart: Vec<Item> = session.get("cart").await?.unwrap_or_default();
                Ok(sample::everything(user, counter, &cart))
            }

            async fn fill(session: Session, items: usize) -> Answer {
                session.insert("user", USER).await?;
                session.insert("counter", 1).await?;
                session.insert("cart", sample::cart(items)).await?;
                Ok("1".to_owned())
            }

            async fn set_note(session: Session) -> Answer {
                let note = sample::note();
                session.insert("note", &note).await?;
                Ok(note.len().to_string())
            }

            async fn read_note(session: Session) -> Answer {
                Ok(session.get::<String>("note").await?.unwrap_or_default().len().to_string())
            }
        }
    };
}

application! {
    /// The newest, which has a store in memory.
    v15, tower_sessions
}

application! {
    /// The one before, which the stores in databases are for.
    v14, tower_sessions_14
}
