//! Receipts.

use axum::extract::Path;
use axum::response::Html;
use session_runtime::Session;

use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::schema::Shop;

/// Finds the order among the visitor's own, so nobody sees another's, whatever number is asked for.
pub(super) async fn receipt(
    session: Session<Shop>,
    Path(number): Path<String>,
    frame: Frame,
) -> Result<Html<String>, AppError> {
    let orders = session.orders().await?;
    let order = orders.iter().find(|order| order.number.to_string() == number).ok_or(AppError::NotFound)?;
    Ok(pages::orders::receipt(&frame, order))
}
