//! What the shop knows of the visitor.

use axum::response::Html;
use session_runtime::Session;

use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::pages::account::Known;
use crate::schema::Shop;

pub(super) async fn show(session: Session<Shop>, frame: Frame) -> Result<Html<String>, AppError> {
    let known = Known {
        // Public and safe to show: it names the session but does not open it.
        id: session.id(),
        created: session.created_at().await?,
        expires: session.expires_at().await?,
        visits: session.visits().await?,
        orders: session.orders().await?,
    };
    Ok(pages::account::show(&frame, &known))
}
