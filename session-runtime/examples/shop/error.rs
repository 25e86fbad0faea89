//! What can go wrong, at the start and in a request.

use std::error::Error;
use std::io;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use session_runtime::{CsrfError, SessionError, StoreError};

use crate::pages;

/// Why the shop does not open.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error("can't listen on port {port}")]
    Listen { port: u16, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("this shop has no store for {scheme}://…; run it with `--features` mysql, opendal, postgres or redis")]
    NoSuchStore { scheme: String },
    #[error(transparent)]
    Sessions(#[from] SessionError),
    #[error("can't serve")]
    Serve(#[source] io::Error),
}

/// The error and all that caused it, in one line.
pub(crate) fn one_line(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut line = String::new();
    for text in causes.map(ToString::to_string) {
        // Some errors repeat their cause.
        if line.ends_with(&text) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(": ");
        }
        line.push_str(&text);
    }
    line.replace('\n', " ")
}

/// Why a request has no page of its own for an answer.
#[derive(Debug)]
pub(crate) enum AppError {
    NotFound,
    /// Another site may have sent it.
    Refused(CsrfError),
    Session(SessionError),
}

impl From<SessionError> for AppError {
    fn from(error: SessionError) -> Self {
        Self::Session(error)
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => {
                let page = pages::error("Not found", "There is no such page. Perhaps it is sold out.");
                (StatusCode::NOT_FOUND, page).into_response()
            }
            Self::Refused(error) => {
                let text =
                    "That form is out of date, or not ours. Please go back, load the page again and send it once more.";
                (error.status(), pages::error("Not accepted", text)).into_response()
            }
            // Signed out, or signed in anew, in another tab while this request was under way: nothing is broken.
            Self::Session(error @ SessionError::Gone) => {
                let page =
                    pages::error("Your session has changed", "You signed in or out meanwhile. Please try again.");
                (error.status(), page).into_response()
            }
            // Reports the error; its body tells the visitor nothing about the inside.
            Self::Session(error) => error.into_response(),
        }
    }
}
