//! `Session<T>` as an axum extractor.

use axum_core::extract::FromRequestParts;
use http::request::Parts;

use crate::error::SessionError;
use crate::schema::SessionData;
use crate::session::Session;

/// Costs nothing: the session is loaded when it is first asked for something.
///
/// Rejects with [`SessionError::Config`] where the layer is missing.
impl<T: SessionData, S: Send + Sync> FromRequestParts<S> for Session<T> {
    type Rejection = SessionError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| {
            let schema = std::any::type_name::<T>();
            SessionError::config(format!(
                "no layer gives this route a `Session<{schema}>`: add `.layer(sessions.layer())` after the router's routes"
            ))
        })
    }
}
