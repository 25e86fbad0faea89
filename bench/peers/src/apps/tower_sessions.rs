//! tower-sessions, as its README has it, with secure cookies (its default) and an expiry on inactivity of a day.

use axum::Router;
use axum::routing::{get, post};
use time::Duration;

use super::{App, service};
use crate::sample::{self, FULL, Item, SMALL, USER};

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    service::app(async { v15::app(tower_sessions::MemoryStore::default()) })
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
