//! `Session<T>` as an axum extractor.

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::error::SessionError;
use crate::schema::SessionData;
use crate::session::Session;

/// Costs nothing: the session is loaded when it is first asked for something. `T` is the schema of the layer or a slice of it.
///
/// Rejects with [`SessionError::Config`] where no layer has it.
impl<T: SessionData, S: Send + Sync> FromRequestParts<S> for Session<T> {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        Self::from_extensions(&parts.extensions)
    }
}
