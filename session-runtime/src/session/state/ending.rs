//! The end of a session, and that of a request.

use std::sync::Arc;
use std::time::Duration;

use super::State;
use crate::error::SessionError;
use crate::event::{RejectReason, SessionEvent};
use crate::manager::Shared;
use crate::record::{Ending, Guard};
use crate::session::buffer::Buffer;
use crate::session::changes::Changes;
use crate::session::identity::{Ended, Identity, Phase};
use crate::session::view::View;
use crate::token::{SessionId, Token};

/// The next step in destroying the session.
pub(crate) enum DestroyStep {
    /// There is nothing in the store to destroy.
    Nothing,
    /// Several tokens were presented: find out which one counts.
    Resolve,
    /// Ask the store.
    Destroy(SessionId, Guard),
}

/// What the response must say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Announcement {
    Nothing,
    Token { token: Token, max_age: Option<Duration> },
    Removal,
}

/// What a response needs of its session.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) announcement: Announcement,
    /// The response may depend on the session.
    pub(crate) was_read: bool,
}

/// Changes that nobody waits for any longer.
pub(crate) struct Dropped {
    pub(crate) changes: Arc<Changes>,
    /// A commit was under way, and its outcome is not known.
    pub(crate) may_be_stored: bool,
}

impl State {
    /// The next step in destroying the session.
    pub(crate) fn destroy_step(&mut self, shared: &Shared) -> Result<DestroyStep, SessionError> {
        self.read_headers(shared);
        match &self.identity {
            Identity::Ended(Ended::Superseded) => Err(SessionError::Gone),
            Identity::Presented(tokens) => match tokens.as_slice() {
                [token] => Ok(DestroyStep::Destroy(token.id(), Guard::Secret(token.hash()))),
                _ => Ok(DestroyStep::Resolve),
            },
            Identity::Stored(stored) => Ok(DestroyStep::Destroy(stored.token.id(), Guard::Epoch(stored.meta.epoch))),
            _ => Ok(DestroyStep::Nothing),
        }
    }

    /// Takes in how a destruction ended.
    pub(crate) fn take_in_ending(&mut self, session: SessionId, ending: Ending) -> Result<(), SessionError> {
        match (ending, &self.identity) {
            (Ending::Superseded, _) => {
                self.superseded(session);
                return Err(SessionError::Gone);
            }
            (Ending::Destroyed, _) => self.events.push(SessionEvent::SignedOut { session }),
            (Ending::Reused, _) => self.events.push(SessionEvent::ReuseDetected { session }),
            (Ending::Gone, Identity::Presented(_)) => self.reject(session, RejectReason::Unknown),
            (Ending::Gone, _) => {}
        }
        self.become_visitor();
        Ok(())
    }

    /// After a destruction, whether or not there was something to destroy: the visitor's cookie goes too.
    pub(crate) fn become_visitor(&mut self) {
        self.identity = Identity::Visitor;
        self.view = View::default();
        self.pending = Buffer::default();
        self.started = false;
        self.destroyed = true;
    }

    /// The session's token was replaced a moment ago.
    pub(super) fn superseded(&mut self, session: SessionId) {
        if matches!(self.identity, Identity::Presented(_)) {
            self.reject(session, RejectReason::Superseded);
        }
        self.end(Ended::Superseded);
    }

    /// What happened since this was last asked.
    pub(crate) fn take_events(&mut self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.events)
    }

    /// What the response needs. After this, tokens can't be sent.
    pub(crate) fn finish(&mut self, shared: &Shared) -> Finished {
        self.phase = Phase::Sent;
        Finished { announcement: self.announce(shared), was_read: self.read }
    }

    fn announce(&self, shared: &Shared) -> Announcement {
        match &self.identity {
            Identity::Stored(stored) if stored.announce => {
                let left = stored.meta.absolute_deadline.duration_since(self.now(shared)).unwrap_or_default();
                let persists = stored.meta.persistent || shared.carrier.is_persistent();
                Announcement::Token { token: stored.token, max_age: persists.then_some(left) }
            }
            Identity::Visitor | Identity::Fresh(_) if self.destroyed && self.carried => Announcement::Removal,
            _ => Announcement::Nothing,
        }
    }

    /// Whether the handle was used for nothing at all.
    pub(crate) fn is_untouched(&self) -> bool {
        matches!(self.identity, Identity::Unread(_)) && !self.read && self.pending.is_empty()
    }

    /// What the response needs, if nothing is left to be stored or told.
    pub(crate) fn finish_if_settled(&mut self, shared: &Shared) -> Option<Finished> {
        let nothing_begun = self.pending.is_empty() && self.unsettled.is_none() && self.events.is_empty();
        (nothing_begun && !self.upkeep_is_due(shared)).then(|| self.finish(shared))
    }

    /// Empties the buffer and says what was in it.
    pub(crate) fn discard(&mut self) -> Option<Dropped> {
        let may_be_stored = self.unsettled.is_some();
        self.pending.take().map(|changes| Dropped { changes, may_be_stored })
    }
}
