//! session-runtime, as its README has it: `SessionManager::new(store)` and `layer()`.

use axum::Router;
use axum::routing::{get, post};
use session_runtime::{
    MemoryStore, PostgresStore, RedisStore, SessionData, SessionError, SessionManager, SessionService, SqliteStore,
    Store,
};
use tower::Layer as _;

use super::{App, service};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// The application in this process, layered with `Router::layer`.
pub(super) fn layered() -> Box<dyn App> {
    service::app(async { memory() })
}

/// The same, with the layer around the whole router.
pub(super) fn around() -> Box<dyn App> {
    service::app(async { memory_around() })
}

/// The application over sessions in memory.
pub(crate) fn memory() -> Router {
    eager::layered(MemoryStore::new())
}

/// The same, with the layer around the whole router.
pub(crate) fn memory_around() -> SessionService<eager::Shop, Router> {
    around_of(MemoryStore::new())
}

/// The application of a schema whose cart has these attributes.
macro_rules! application {
    ($(#[$module:meta])* $name:ident, $(#[$cart:meta])*) => {
        $(#[$module])*
        pub(crate) mod $name {
            use super::*;

            type Session = session_runtime::Session<Shop>;
            type Answer = Result<String, SessionError>;

            /// What a session holds.
            #[derive(SessionData)]
            pub(crate) struct Shop {
                #[session(rotate)]
                user: Option<u64>,
                counter: u64,
                $(#[$cart])*
                cart: Vec<Item>,
                note: String,
            }

            /// The application over this store, layered with `Router::layer`.
            pub(super) fn layered(store: impl Store) -> Router {
                routes().layer(SessionManager::<Shop>::new(store).layer())
            }

            /// The application over sessions in a Redis server.
            pub(crate) async fn redis(url: &str) -> Router {
                layered(RedisStore::open(url).await.expect("a Redis server"))
            }

            /// The application over sessions in a file.
            pub(crate) async fn sqlite(path: &str) -> Router {
                layered(SqliteStore::open(path).await.expect("a database"))
            }

            /// The application over sessions in a PostgreSQL server.
            pub(crate) async fn postgres(url: &str) -> Router {
                layered(PostgresStore::open(url).await.expect("a database"))
            }

            /// The routes, for under a layer.
            pub(super) fn routes() -> Router {
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
            }

            async fn read(session: Session) -> Answer {
                Ok(session.counter().await?.to_string())
            }

            async fn set(session: Session) -> Answer {
                let value = sample::fresh();
                session.set_counter(value).await?;
                Ok(value.to_string())
            }

            async fn update(session: Session) -> Answer {
                let value = session
                    .update_counter(|counter| {
                        *counter += 1;
                        *counter
                    })
                    .await?;
                Ok(value.to_string())
            }

            async fn login(session: Session) -> Result<&'static str, SessionError> {
                session.set_user(USER).await?;
                Ok("in")
            }

            async fn all(session: Session) -> Answer {
                Ok(sample::everything(session.user().await?, session.counter().await?, &session.cart().await?))
            }

            async fn fill(session: Session, items: usize) -> Answer {
                session.set_user(USER).await?;
                session.set_counter(1).await?;
                session.set_cart(sample::cart(items)).await?;
                Ok("1".to_owned())
            }

            async fn set_note(session: Session) -> Answer {
                let note = sample::note();
                let length = note.len();
                session.set_note(note).await?;
                Ok(length.to_string())
            }

            async fn read_note(session: Session) -> Answer {
                Ok(session.note().await?.len().to_string())
            }
        }
    };
}

application! {
    /// The cart is loaded with the other fields.
    eager,
}

application! {
    /// The cart is loaded when it is asked for.
    lazy, #[session(lazy)]
}

/// The application with the layer around the whole router, over sessions in a Redis server.
pub(crate) async fn redis_around(url: &str) -> SessionService<eager::Shop, Router> {
    around_of(RedisStore::open(url).await.expect("a Redis server"))
}

fn around_of(store: impl Store) -> SessionService<eager::Shop, Router> {
    SessionManager::<eager::Shop>::new(store).layer().layer(eager::routes())
}
