//! Looking around. Visitors who only do this have no session: nothing is stored and no cookie is set.

use axum::extract::Path;
use axum::response::Html;

use crate::catalogue;
use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;

pub(super) async fn catalogue(frame: Frame) -> Html<String> {
    pages::browse::catalogue(&frame)
}

pub(super) async fn product(Path(slug): Path<String>, frame: Frame) -> Result<Html<String>, AppError> {
    let product = catalogue::product(&slug).ok_or(AppError::NotFound)?;
    Ok(pages::browse::product(&frame, product))
}
