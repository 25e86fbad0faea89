//! The CSRF token of a handle's session.

use super::core::Core;
use crate::csrf::{CsrfError, CsrfToken};
use crate::error::Result;

impl Core {
    /// The token that the session's forms must carry once what is in the buffer is stored.
    pub(super) async fn csrf_token(&self) -> Result<Option<CsrfToken>> {
        self.meta().await?;
        let mut state = self.state();
        state.begin(self.shared());
        Ok(state.holder().map(|(id, epoch)| CsrfToken::new(id, epoch)))
    }

    /// Whether the visitor has a session, of which forms could have a token.
    #[cfg(feature = "axum")]
    pub(crate) async fn has_session(&self) -> Result<bool> {
        Ok(self.meta().await?.is_some())
    }

    /// Checks a token by the session as it is stored: what this request has in its buffer was not there when the form was made.
    pub(crate) async fn verify_csrf(&self, text: &str) -> Result<()> {
        let meta = self.meta().await?;
        let id = self.state().id();
        let is_its = id.zip(meta).is_some_and(|(id, meta)| CsrfToken::is(text, id, meta.epoch));
        if is_its { Ok(()) } else { Err(CsrfError::WrongToken.into()) }
    }
}
