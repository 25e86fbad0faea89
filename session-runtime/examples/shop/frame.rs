//! What every page shows around its content.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use session_runtime::{CsrfToken, Session};

use crate::error::AppError;
use crate::schema::{Flash, Shop, Theme};
use crate::visits;

/// An extractor, for handlers that show a page: it takes the visitor's message out, and notes the visit.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    pub(crate) theme: Theme,
    pub(crate) user: Option<String>,
    pub(crate) cart_count: u32,
    pub(crate) flash: Option<Flash>,
    /// For the page's forms: shows that they come from here. Visitors without a session need none.
    pub(crate) csrf: Option<CsrfToken>,
    /// The path of the page, to come back to.
    pub(crate) path: String,
}

impl Frame {
    /// The first of these calls loads all the session's fields but the lazy one; the others find them there.
    async fn load(session: &Session<Shop>, path: &str) -> session_runtime::Result<Self> {
        visits::record(session).await?;
        Ok(Self {
            theme: session.theme().await?,
            user: session.user().await?,
            cart_count: session.cart().await?.count(),
            flash: take_flash(session).await?,
            csrf: session.csrf_token().await?,
            path: path.to_owned(),
        })
    }
}

/// Looks before it takes: a page that is asked for with the cookie from before a sign-in in another tab finds its
/// session empty, and that is fine, but it could not change it.
async fn take_flash(session: &Session<Shop>) -> session_runtime::Result<Option<Flash>> {
    if session.has_flash().await? { session.take_flash().await } else { Ok(None) }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, AppError> {
        let session = Session::<Shop>::from_request_parts(parts, state).await?;
        Ok(Self::load(&session, parts.uri.path()).await?)
    }
}
