//! Storing changes, what must be written besides, and what becomes of that.

use std::sync::Arc;
use std::time::SystemTime;

use super::{State, StoreTime};
use crate::error::SessionError;
use crate::event::{RejectReason, SessionEvent};
use crate::manager::Shared;
use crate::record::{Meta, Outcome, touch_is_due};
use crate::session::changes::Changes;
use crate::session::identity::{Commit, Ended, Identity, Phase, Stored};
use crate::session::view::View;
use crate::token::{SecretHash, SessionId};

/// The next step in storing changes.
pub(crate) enum CommitStep {
    /// An earlier commit was begun whose outcome is not known: ask the store for it again.
    Settle,
    /// There is nothing to change.
    Nothing,
    /// Several tokens were presented: find out which one counts.
    Resolve,
    /// Ask the store.
    Commit(Arc<Commit>),
}

impl State {
    /// The next step in storing `changes`.
    pub(crate) fn commit_step(&mut self, changes: &Arc<Changes>, shared: &Shared) -> Result<CommitStep, SessionError> {
        if self.unsettled.is_some() {
            return Ok(CommitStep::Settle);
        }
        self.read_headers(shared);
        let step = self.commit_read(changes, shared);
        if matches!(step, Ok(CommitStep::Nothing) | Err(SessionError::ResponseSent)) {
            // What was meant for a session that is not there can't be stored later either.
            self.pending.subtract(changes);
        }
        step
    }

    fn commit_read(&mut self, changes: &Arc<Changes>, shared: &Shared) -> Result<CommitStep, SessionError> {
        let no_token_can_be_sent = self.phase == Phase::Sent;
        let begins = self.identity.begins_by(changes);
        // What was seen in a session that has ended since is nothing to begin another from.
        let is_another = begins || matches!(self.identity, Identity::Visitor | Identity::Fresh(_));
        if let Some(field) = changes.swapped().filter(|_| is_another) {
            return Err(SessionError::Conflict { field });
        }
        match begins {
            true if no_token_can_be_sent => return Err(SessionError::ResponseSent),
            true => self.identity = Identity::Fresh(shared.new_token().into()),
            false => {}
        }
        match &self.identity {
            Identity::Ended(_) => Err(SessionError::Gone),
            Identity::Visitor | Identity::Fresh(_) if !changes.set_a_field() => Ok(CommitStep::Nothing),
            Identity::Fresh(_) if no_token_can_be_sent => Err(SessionError::ResponseSent),
            Identity::Presented(_) | Identity::Stored(_) if no_token_can_be_sent && changes.need_a_cookie() => {
                Err(SessionError::ResponseSent)
            }
            Identity::Presented(tokens) if tokens.len() > 1 => Ok(CommitStep::Resolve),
            identity => {
                let Some(commit) = Commit::of(identity, changes, self.phase, shared) else {
                    return Ok(CommitStep::Nothing);
                };
                self.unsettled = Some(Arc::clone(&commit));
                Ok(CommitStep::Commit(commit))
            }
        }
    }

    /// The commit that was begun and must be asked again.
    pub(crate) fn unsettled(&self) -> Option<Arc<Commit>> {
        self.unsettled.clone()
    }

    /// The commit was certainly not applied.
    pub(crate) fn refused(&mut self) {
        self.unsettled = None;
    }

    /// Takes in how a commit ended. `false`: the identity is another one now, ask for the next step.
    pub(crate) fn committed(
        &mut self,
        commit: &Commit,
        outcome: Outcome,
        shared: &Shared,
    ) -> Result<bool, SessionError> {
        let changes = &commit.changes;
        self.unsettled = None;
        if !self.identity.is_of(commit.id) {
            // Of a session that this handle has left behind.
            return Ok(false);
        }
        match (outcome, &self.identity) {
            (Outcome::Applied { meta, now }, _) => {
                self.applied(changes, meta, now, shared);
                Ok(true)
            }
            (Outcome::Conflict(mut current), _) => {
                let expect = &commit.set.expect;
                shared.open(commit.id, Some(&commit.token), expect.iter().map(|expect| expect.key).zip(&mut current));
                // One that is only presented may come to nothing yet.
                if let Identity::Stored(_) = self.identity {
                    self.view.correct(expect, current, &shared.layout);
                }
                let field = expect.first().map_or("", |expect| expect.key);
                Err(SessionError::Conflict { field })
            }
            // The token opens nothing, and nothing was seen of its session: the visitor begins anew.
            (Outcome::Gone, Identity::Presented(_)) => {
                self.reject(commit.id, RejectReason::Unknown);
                Ok(false)
            }
            (Outcome::Reused, Identity::Presented(_)) => {
                self.events.push(SessionEvent::ReuseDetected { session: commit.id });
                self.identity = Identity::Visitor;
                Ok(false)
            }
            // Its secret was renewed since, and nothing else: this commit ends no predecessor, and goes by the epoch.
            (Outcome::Gone | Outcome::Reused, Identity::Stored(_)) if commit.ends_predecessor() => {
                if let Identity::Stored(stored) = &mut self.identity {
                    stored.meta.previous = None;
                }
                Ok(false)
            }
            (Outcome::Gone | Outcome::Reused, _) => {
                self.end(Ended::Gone);
                Ok(false)
            }
            (Outcome::Superseded, _) => {
                self.superseded(commit.id);
                Ok(false)
            }
        }
    }

    /// The token opens nothing, and this is the first that is known of its session.
    pub(super) fn reject(&mut self, session: SessionId, reason: RejectReason) {
        self.events.push(SessionEvent::Rejected { session: Some(session), reason });
        self.identity = Identity::Visitor;
    }

    fn applied(&mut self, changes: &Arc<Changes>, meta: Box<Meta>, now: SystemTime, shared: &Shared) {
        self.time = Some(StoreTime::of_answer(now, shared));
        self.view.confirm(changes.expected(), &shared.layout);
        for write in changes.writes() {
            self.view.wrote(write, &shared.layout, now);
        }
        self.pending.subtract(changes);
        let (stored, created) = match std::mem::replace(&mut self.identity, Identity::Visitor) {
            Identity::Fresh(token) => (Stored::new(&token, meta, true), true),
            Identity::Presented(tokens) if !tokens.is_empty() => (Stored::new(&tokens[0], meta, false), false),
            Identity::Stored(stored) => (Stored { meta, ..stored }, false),
            // Only these three are asked about.
            other => {
                self.identity = other;
                return;
            }
        };
        // Of two renewals at once one is done: the other has no token to send.
        let is_renewed_elsewhere = changes.rotation().is_some_and(|rotation| !stored.has_secret(rotation));
        let session = stored.token.id();
        self.events.extend(match changes.rotation() {
            _ if created => Some(SessionEvent::Created { session }),
            Some(_) if is_renewed_elsewhere => None,
            Some(rotation) if rotation.is_renewal() => Some(SessionEvent::Renewed { session }),
            Some(_) => Some(SessionEvent::Rotated { session }),
            None => None,
        });
        let announce = stored.announce || changes.need_a_cookie() && !is_renewed_elsewhere;
        let (stored, announce) = match created {
            true => (stored, true),
            false => (stored.rotated(changes, self.phase), announce),
        };
        self.identity = Identity::Stored(Stored { announce, ..stored });
    }

    pub(super) fn end(&mut self, ended: Ended) {
        self.identity = Identity::Ended(ended);
        self.view = View::default();
    }

    /// The present secret, if it is time to renew it: decided on requests that load.
    fn secret_to_renew(&self, shared: &Shared) -> Option<SecretHash> {
        let Identity::Stored(stored) = &self.identity else { return None };
        let most = shared.lifetimes.renew_after?;
        let age = self.time_of_use(shared).duration_since(stored.meta.secret_since).unwrap_or_default();
        let may_renew = self.phase == Phase::Request && self.view.is_loaded() && stored.may_renew();
        (age >= most && may_renew).then_some(stored.meta.secret_hash)
    }

    /// Lets a renewal that is due go along with what is in the buffer.
    pub(crate) fn join_renewal(&mut self, shared: &Shared) {
        let due = self.secret_to_renew(shared).filter(|_| !self.pending.is_empty());
        due.into_iter().for_each(|seen| self.pending.change().renew(seen));
    }

    /// What must be written though nobody changed anything: a touch, a renewal, the end of a renewed secret.
    pub(crate) fn upkeep(&self, shared: &Shared) -> Option<Changes> {
        self.upkeep_is_due(shared).then(|| {
            let mut changes = Changes::default();
            self.secret_to_renew(shared).into_iter().for_each(|seen| changes.renew(seen));
            changes
        })
    }

    pub(super) fn upkeep_is_due(&self, shared: &Shared) -> bool {
        let Identity::Stored(stored) = &self.identity else { return false };
        let is_due = || touch_is_due(stored.meta.idle_deadline, shared.lifetimes.idle, self.time_of_use(shared));
        stored.is_confirmed(self.phase) && is_due()
            || stored.retires_previous()
            || self.secret_to_renew(shared).is_some()
    }
}
