//! The end of a request.

use std::sync::Arc;

use http::StatusCode;

use super::{Core, report_dropped};
use crate::error::{Result, SessionError};
use crate::manager::OnServerError;
use crate::session::identity::Phase;
use crate::session::state::Finished;

impl Core {
    /// Whether the handle was used for nothing at all: then the response needs nothing. After this, tokens can't be sent.
    pub(crate) fn finish_untouched(&self) -> bool {
        let mut state = self.state();
        let is_untouched = state.is_untouched();
        if is_untouched {
            state.phase = Phase::Sent;
        }
        is_untouched
    }

    /// Finishes at once, where nothing is left to be stored.
    pub(crate) fn finish_now(&self) -> Option<Finished> {
        let mut state = self.state();
        // Whoever is on a trip may be about to ask for a new token, and be in time for this response.
        let is_on_trip = self.trip.available_permits() == 0;
        if is_on_trip { None } else { state.finish_if_settled(&self.shared) }
    }

    /// Stores what is in the buffer and closes it: after this, writes are stored at once and no token can be sent.
    pub(crate) async fn finish(&self, status: StatusCode) -> Result<Finished> {
        if status.is_server_error() && self.shared.on_server_error == OnServerError::Discard {
            self.discard("the response is a server error");
        }
        let _trip = self.trip().await;
        loop {
            let stored = self.commit_at_end().await;
            if stored.is_ok() {
                if let Some(finished) = self.state().finish_if_settled(&self.shared) {
                    return Ok(finished);
                }
                self.keep_up().await;
            }
            self.report().await;
            stored?;
            let mut state = self.state();
            // A clone may have written meanwhile.
            if state.pending().is_empty() {
                return Ok(state.finish(&self.shared));
            }
        }
    }

    async fn commit_at_end(&self) -> Result<()> {
        if self.shared.lifetimes.renew_after.is_some() {
            self.state().join_renewal(&self.shared);
        }
        match self.commit_in_trip().await {
            Ok(()) => Ok(()),
            Err(SessionError::Gone) => {
                self.discard("the session ended, or its token was superseded");
                Ok(())
            }
            Err(error) => {
                self.abandon("the session could not be stored");
                Err(error)
            }
        }
    }

    /// Moves deadlines and renews the secret, if that is due; the trip must be held. That it could not be done must not undo
    /// what was asked for: it is reported.
    pub(super) async fn keep_up(&self) {
        let Some(changes) = self.state().upkeep(&self.shared) else { return };
        match self.store(&Arc::new(changes)).await {
            Ok(()) | Err(SessionError::Gone) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the session's upkeep failed"),
        }
    }

    /// Closes the buffer where its changes could not be stored. What was stored before stays so, and the response says it.
    pub(crate) fn finish_failed(&self) -> Finished {
        self.state().finish(&self.shared)
    }

    /// There will be no response: nothing that was buffered is stored, and later writes are stored at once.
    pub(crate) fn abandon(&self, why: &'static str) {
        let events = {
            let mut state = self.state();
            state.phase = Phase::Sent;
            report_dropped(state.discard(), why);
            state.take_events()
        };
        self.tell_now(events);
    }

    pub(super) fn discard(&self, why: &'static str) {
        report_dropped(self.state().discard(), why);
    }
}
