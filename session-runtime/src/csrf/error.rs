use http::StatusCode;

/// Why a request is refused: nothing shows that a page of this service has caused it.
///
/// It is among the extensions of the response that a [`CsrfLayer`](crate::CsrfLayer) refuses a request with, so that an outer
/// layer can put a page in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CsrfError {
    /// A page of another origin has caused it, one that is not trusted.
    #[error("the request comes from another origin")]
    CrossOrigin,

    /// It has no token, and needs one.
    #[error("the request has no CSRF token")]
    MissingToken,

    /// Its token is not the session's: the form is from before a sign-in, or of another session, or forged. Or there is no
    /// session that it could be of.
    #[error("the request's CSRF token is not that of the session")]
    WrongToken,

    /// The form's token does not come within its first bytes.
    #[error("no CSRF token was found in the first {limit} bytes of the form")]
    TooLarge {
        /// How many bytes were looked at.
        limit: usize,
    },

    /// The form broke off before its token.
    #[error("the form with the CSRF token could not be read")]
    UnreadableBody,
}

impl CsrfError {
    /// The status of a response that refuses the request: 403, or 413 and 400 where no token could be read.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::CrossOrigin | Self::MissingToken | Self::WrongToken => StatusCode::FORBIDDEN,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnreadableBody => StatusCode::BAD_REQUEST,
        }
    }
}
