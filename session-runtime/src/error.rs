//! What can go wrong, for the people who write handlers.

use std::time::Duration;

use crate::codec::CodecError;
use crate::csrf::CsrfError;
use crate::store::StoreError;

/// The result of every session call.
pub type Result<T, E = SessionError> = std::result::Result<T, E>;

/// What can go wrong with a session.
///
/// As a response (feature `axum`) every variant has an opaque body. No message and no `Debug` text ever holds a secret or a
/// stored value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// The stored value of this field could not be read back. Other fields go on working and the bytes stay stored; setting
    /// or removing the field replaces them.
    #[error("the stored value of session field `{field}` does not decode")]
    Decode {
        /// The field's key.
        field: &'static str,
        /// What the codec said.
        source: CodecError,
    },

    /// The value could not be encoded, or could not be read back from what it was encoded as; nothing was changed. The source
    /// says why, and what to do.
    #[error("the value for session field `{field}` does not encode")]
    Encode {
        /// The field's key.
        field: &'static str,
        /// What the codec said.
        source: CodecError,
    },

    /// The stored value of this field was written as another type, or in another version, and no `migrate` of the field takes
    /// it. Other fields go on working and the bytes stay stored; setting or removing the field replaces them.
    #[error("the stored value of session field `{field}` was written as {stored}, expected {expected}")]
    Schema {
        /// The field's key.
        field: &'static str,
        /// What was stored: the fingerprint of its shape, its version and its codec. The file of [`assert_schema!`] had this
        /// fingerprint when the value was stored.
        ///
        /// [`assert_schema!`]: crate::assert_schema
        stored: String,
        /// What the program has: the same, and the shape itself.
        expected: String,
    },

    /// The encoded value is too large; nothing was changed.
    #[error("the value for session field `{field}` takes {size} bytes, the limit is {limit} bytes")]
    TooLarge {
        /// The field's key.
        field: &'static str,
        /// The size of the encoded value, in bytes.
        size: usize,
        /// The most that is allowed, in bytes.
        limit: usize,
    },

    /// The store failed. What was stored before stays stored; whether this change was may be unknown
    /// ([`StoreError::is_outcome_unknown`]).
    #[error(transparent)]
    Store(#[from] StoreError),

    /// Other requests kept changing this field until the deadline for `update` was over, or kept signing in where
    /// [`OnLimit::Refuse`](crate::OnLimit) let nobody find room.
    #[error("session field `{field}` was changed by others at every try for {:?}", UPDATE_DEADLINE)]
    Conflict {
        /// The field's key.
        field: &'static str,
    },

    /// The session was destroyed, revoked, superseded by a new token, or expired while this request was using it. Its
    /// changes were not stored.
    #[error("the session ended while this request was using it")]
    Gone,

    /// The limit on sessions per value of this index field was reached ([`Builder::max_sessions`](crate::Builder::max_sessions)):
    /// the visitor is not signed in.
    #[error("the limit on sessions for one value of `{field}` is reached")]
    LimitReached {
        /// The field's key.
        field: &'static str,
    },

    /// The change needs a new token, but the response's head has been sent already. Nothing was stored.
    #[error("the session needs a new cookie, but the response head has been sent; make this change before responding")]
    ResponseSent,

    /// Nothing shows that a page of this service has caused the request: it does not have the session's CSRF token.
    #[error(transparent)]
    Csrf(#[from] CsrfError),

    /// The configuration can't work; the text says what to change.
    #[error("session configuration: {reason}")]
    Config {
        /// What is wrong and what to do.
        reason: String,
    },
}

impl SessionError {
    pub(crate) fn config(reason: impl Into<String>) -> Self {
        Self::Config { reason: reason.into() }
    }
}

/// How long `update` and `take` try again when others change the same field.
pub(crate) const UPDATE_DEADLINE: Duration = Duration::from_secs(5);

impl SessionError {
    /// The status that this error has as a response: 409 for `Gone` and `LimitReached`, 503 for `Conflict`, 413 for `TooLarge`, that of
    /// [`CsrfError::status`] for `Csrf`, 500 for all others.
    pub fn status(&self) -> http::StatusCode {
        use http::StatusCode;
        match self {
            Self::Gone | Self::LimitReached { .. } => StatusCode::CONFLICT,
            Self::Conflict { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Csrf(error) => error.status(),
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(feature = "axum")]
impl axum_core::response::IntoResponse for SessionError {
    /// The status, and a body that tells the visitor nothing about the inside. An error of the server's (5xx) is emitted as an
    /// event, whole.
    fn into_response(self) -> axum_core::response::Response {
        let status = self.status();
        if status.is_server_error() {
            tracing::error!(error = &self as &dyn std::error::Error, "session error in a response");
        }
        (status, status.canonical_reason().unwrap_or_default()).into_response()
    }
}
