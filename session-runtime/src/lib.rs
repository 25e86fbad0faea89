#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The derive names this crate as its users do.
extern crate self as session_runtime;

mod clock;
mod codec;
mod error;
pub mod http;
mod manager;
pub mod record;
mod schema;
mod session;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod transport;

pub use clock::Clock;
pub use codec::CodecError;
pub use error::{Result, SessionError};
pub use http::{SessionLayer, SessionService};
pub use manager::{Builder, OnServerError, SessionManager, SweeperHandle};
pub use schema::{Field, SessionData, Value};
pub use session::{Session, Set};
pub use session_derive::SessionData;
#[cfg(feature = "sqlite")]
pub use store::SqliteStore;
pub use store::{MemoryStore, Store, StoreError};
pub use token::{ParseTokenError, SecretHash, SessionId, Token};
pub use transport::{CookieOptions, SameSite, Transport};

/// For implementors of [`Store`]: the macro that its methods are written with.
pub use async_trait::async_trait;

/// What generated code is made of. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::schema::{FieldSpec, HasDefault, default_value, field};
    pub use crate::session::{Handle, Snapshot};
    pub use core;
    pub use std;
}
