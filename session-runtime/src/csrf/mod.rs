//! Protection against requests that pages of other sites cause with a visitor's cookie (cross-site request forgery).

#[cfg(feature = "axum")]
mod body;
mod error;
#[cfg(feature = "axum")]
mod form;
mod future;
mod layer;
mod origin;
mod token;
#[cfg(feature = "axum")]
mod token_layer;

pub use error::CsrfError;
pub use future::CsrfFuture;
pub use layer::{CsrfLayer, CsrfService};
pub use token::CsrfToken;
#[cfg(feature = "axum")]
pub use token_layer::{CsrfTokenLayer, CsrfTokenService};
