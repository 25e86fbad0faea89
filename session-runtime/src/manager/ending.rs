//! Sessions that end before their time.

use super::Shared;
use crate::error::Result;
use crate::event::{RevokeReason, SessionEvent};
use crate::record::{Ending, Guard};
use crate::store::StoreError;
use crate::token::SessionId;

/// What to do when a renewed token is used though its successor is in use and its grace is over: somebody has a copy of it, the
/// visitor or a thief.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnReuse {
    /// It opens nothing, and [`SessionEvent::ReuseDetected`] is told.
    #[default]
    Report,
    /// The session is revoked too, so that whoever has its present token loses it as well: the thief, if it was the thief who
    /// had it renewed. The price: a visitor whose browser goes back to an old cookie, out of a backup, is signed out.
    Revoke,
}

impl Shared {
    /// Ends the session if the guard holds. Asks again where the answer was lost.
    pub(crate) async fn destroy(&self, id: SessionId, guard: Guard) -> Result<Ending, StoreError> {
        match self.store.destroy(id, guard, self.clock.for_store()).await {
            Err(error) if error.is_outcome_unknown() => self.destroy_again(id, guard).await,
            answer => answer,
        }
    }

    async fn destroy_again(&self, id: SessionId, guard: Guard) -> Result<Ending, StoreError> {
        match self.store.destroy(id, guard, self.clock.for_store()).await {
            // By the first time, as far as anybody can tell.
            Ok(Ending::Gone) => Ok(Ending::Destroyed),
            // That this one failed says nothing about the first.
            Err(error) => Err(error.with_outcome_unknown()),
            ending => ending,
        }
    }

    /// Ends somebody's session.
    pub(super) async fn revoke(&self, id: SessionId, guard: Guard, reason: RevokeReason) -> Result<Ending> {
        let ending = self.destroy(id, guard).await?;
        if ending == Ending::Destroyed {
            self.report(SessionEvent::Revoked { session: id, reason });
        }
        Ok(ending)
    }

    /// Does what was asked for about a session whose renewed token was used.
    pub(crate) async fn answer_reuse(&self, session: SessionId) {
        if self.on_reuse == OnReuse::Report {
            return;
        }
        if let Err(error) = self.revoke(session, Guard::Any, RevokeReason::Reuse).await {
            // The next use of the token is another chance.
            tracing::error!(%session, error = &error as &dyn std::error::Error, "a stolen session was not revoked");
        }
    }

    /// Tells what happened.
    pub(crate) fn report(&self, event: SessionEvent) {
        event.trace();
        if let Some(listener) = &self.listener {
            listener(&event);
        }
    }
}
