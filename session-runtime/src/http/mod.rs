//! Sessions over HTTP: the tower layer, and the extractor for axum.

#[cfg(feature = "axum")]
mod axum;
mod extensions;
mod future;
mod layer;
pub(crate) mod respond;
mod service;

pub use future::ResponseFuture;
pub use layer::SessionLayer;
pub use service::SessionService;
