//! axum, and no session at all: what answering costs.

use axum::Router;
use axum::routing::{get, post};

use super::{App, service};
use crate::sample;

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    service::app(async { routes() })
}

/// Answers made of nothing, as long as those of the others.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/none", get(async || "none"))
        .route("/read", get(number))
        .route("/set", post(number))
        .route("/update", post(number))
        .route("/login", post(async || "in"))
        .route("/visit", post(number))
        .route("/all", get(number))
        .route("/fill", post(number))
        .route("/fill-small", post(number))
        .route("/note", get(number).post(number))
}

async fn number() -> String {
    sample::fresh().to_string()
}
