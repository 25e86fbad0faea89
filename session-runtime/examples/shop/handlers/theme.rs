//! The page's colours.

use axum::Form;
use axum::response::Redirect;
use serde::Deserialize;
use session_runtime::Session;

use crate::error::AppError;
use crate::schema::{Shop, Theme};

#[derive(Deserialize)]
pub(super) struct Choice {
    theme: Theme,
    /// The page to go back to.
    back: String,
}

pub(super) async fn choose(session: Session<Shop>, Form(choice): Form<Choice>) -> Result<Redirect, AppError> {
    session.set_theme(choice.theme).await?;
    Ok(Redirect::to(if is_our_path(&choice.back) { &choice.back } else { "/" }))
}

/// Only a path on this site: a form can be sent from anywhere, and `//elsewhere.example` is another site to browsers.
fn is_our_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}
