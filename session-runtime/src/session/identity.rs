//! Who the visitor is, and what a commit to that session is made of.

use std::sync::Arc;

use http::HeaderValue;
use smallvec::SmallVec;

use super::changes::{Changes, Rotation};
use crate::manager::Shared;
use crate::record::{Basis, ChangeSet, Guard, Meta, Previous, PreviousKind};
use crate::token::{HashedToken, SecretHash, SessionId, Token, ValueKey};
use crate::transport::Tokens;

/// When a handle's writes reach the store, and whether a new token can still reach the visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// In a request whose response head is not out: writes are collected, tokens can be sent.
    Request,
    /// The response head is out, or there will be none: each write is stored at once, no token can be sent.
    Sent,
    /// A handle of `start` or `open`: each write is stored at once, the caller takes the token.
    Direct,
    /// The same after `buffered()`: writes are collected.
    Buffered,
}

impl Phase {
    pub(crate) fn collects(self) -> bool {
        matches!(self, Self::Request | Self::Buffered)
    }
}

/// The values of the header that a request's tokens are in: nearly always one.
pub(crate) type Carried = SmallVec<[HeaderValue; 1]>;

/// Who the visitor is.
#[derive(Debug)]
pub(super) enum Identity {
    /// The request's headers were not looked at.
    Unread(Carried),
    /// Nobody: no token, malformed ones, or ones that open nothing.
    Visitor,
    /// Whoever these tokens say; the store was not asked.
    Presented(Tokens),
    /// A session that is going to be created.
    Fresh(HashedToken),
    /// A session that the store confirmed.
    Stored(Stored),
    /// A session that ended under this handle, or that its token no longer opens.
    Ended(Ended),
}

#[derive(Debug)]
pub(super) struct Stored {
    pub(super) token: Token,
    /// The secret that the visitor holds: the present one, unless that is still to be sent.
    pub(super) held: SecretHash,
    pub(super) meta: Box<Meta>,
    /// Created by this handle.
    pub(super) created: bool,
    /// The token or its lifetime changed: the visitor must be told.
    pub(super) announce: bool,
}

/// What opens a session: two handles with the same one may know of each other what they know of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opener {
    session: SessionId,
    pub(super) secret: SecretHash,
    /// The key to the values, where the token carries it.
    key: Option<ValueKey>,
}

impl Opener {
    fn new(token: &Token, secret: SecretHash) -> Self {
        Self { session: token.id(), secret, key: token.key().copied() }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Gone,
    Superseded,
}

/// A change set as it is given to the store, however often.
#[derive(Debug)]
pub(crate) struct Commit {
    pub(crate) id: SessionId,
    /// What opens the session, or will have.
    pub(super) token: Token,
    pub(crate) set: ChangeSet,
    /// What it was made of.
    pub(super) changes: Arc<Changes>,
}

impl Commit {
    /// Whether it goes by a stored session's secret, so as to end the one before.
    pub(super) fn ends_predecessor(&self) -> bool {
        self.set.retire_previous.is_some() && matches!(self.set.basis, Basis::Guard(Guard::Secret(_)))
    }

    /// The commit of `changes` to the session of this identity, if there is one.
    pub(super) fn of(
        identity: &Identity,
        changes: &Arc<Changes>,
        phase: Phase,
        shared: &Shared,
    ) -> Option<Arc<Commit>> {
        let lifetimes = &shared.lifetimes;
        let (token, basis, held) = match identity {
            Identity::Fresh(token) => (**token, Basis::Create(lifetimes.begin(token.hash())), None),
            Identity::Presented(tokens) => {
                let token = tokens.first()?;
                (**token, Basis::Guard(Guard::Secret(token.hash())), Some(token.hash()))
            }
            // Another may have renewed the secret since: the store compares the one by which its predecessor is to end.
            Identity::Stored(stored) if stored.retires_previous() => {
                (stored.token, Basis::Guard(Guard::Secret(stored.held)), Some(stored.held))
            }
            Identity::Stored(stored) => {
                (stored.token, Basis::Guard(Guard::Epoch(stored.meta.epoch)), Some(stored.held))
            }
            Identity::Unread(_) | Identity::Visitor | Identity::Ended(_) => return None,
        };
        let changes = Arc::clone(changes);
        let mut commit = Self { id: token.id(), token, set: ChangeSet::new(basis), changes };
        if held.is_some() {
            commit.set.touch = identity.is_confirmed(phase).then_some(lifetimes.idle);
            commit.set.retire_previous = identity.retires_previous().then_some(lifetimes.renewal_grace);
        }
        commit.changes.enter(&mut commit.set, held, &token, shared);
        Some(Arc::new(commit))
    }
}

impl Identity {
    /// What the visitor presents; of several tokens the first.
    pub(super) fn opener(&self) -> Option<Opener> {
        match self {
            Self::Presented(tokens) => tokens.first().map(|token| Opener::new(token, token.hash())),
            Self::Stored(stored) => Some(Opener::new(&stored.token, stored.held)),
            Self::Unread(_) | Self::Visitor | Self::Fresh(_) | Self::Ended(_) => None,
        }
    }

    /// Whether this is about the session with this ID.
    pub(super) fn is_of(&self, id: SessionId) -> bool {
        match self {
            Self::Presented(tokens) => tokens.iter().any(|token| token.id() == id),
            Self::Fresh(token) => token.id() == id,
            Self::Stored(stored) => stored.token.id() == id,
            Self::Unread(_) | Self::Visitor | Self::Ended(_) => false,
        }
    }

    /// Whether a session begins by these changes: any field that is set begins a visitor's first one, signing in the one after
    /// another request has replaced the token.
    pub(super) fn begins_by(&self, changes: &Changes) -> bool {
        match self {
            Self::Visitor => changes.set_a_field(),
            Self::Ended(Ended::Superseded) => changes.authenticate(),
            Self::Ended(Ended::Gone) | Self::Unread(_) | Self::Presented(_) | Self::Fresh(_) | Self::Stored(_) => false,
        }
    }

    /// Whether the visitor holds the present secret, as far as is known here: then the one before has done.
    fn retires_previous(&self) -> bool {
        match self {
            Self::Stored(stored) => stored.retires_previous(),
            // Not known: the store compares.
            _ => true,
        }
    }

    fn is_confirmed(&self, phase: Phase) -> bool {
        match self {
            Self::Stored(stored) => stored.is_confirmed(phase),
            _ => true,
        }
    }
}

impl Stored {
    /// Whether somebody has come back with the token, or holds it without HTTP: only then does use prolong the session. Many
    /// a request that begins one is a crawler's.
    pub(super) fn is_confirmed(&self, phase: Phase) -> bool {
        !self.created || matches!(phase, Phase::Direct | Phase::Buffered)
    }

    /// A session whose visitor holds the token that opens it.
    pub(super) fn new(token: &HashedToken, meta: Box<Meta>, created: bool) -> Self {
        Self { token: **token, held: token.hash(), meta, created, announce: false }
    }

    /// After `changes` were applied: their new secret is the session's. In a request the visitor holds the old one until the
    /// response, so what replaces the new one before that replaces the old one still.
    pub(super) fn rotated(self, changes: &Changes, phase: Phase) -> Self {
        let Some(rotation) = changes.rotation().filter(|rotation| self.has_secret(rotation)) else { return self };
        let token = self.token.with_secret(rotation.secret);
        let held = if phase == Phase::Request { self.held } else { token.hash() };
        Self { token, held, ..self }
    }

    /// Whether the present secret is the one of this rotation.
    pub(super) fn has_secret(&self, rotation: &Rotation) -> bool {
        rotation.secret.hash() == self.meta.secret_hash
    }

    /// Whether the secret before the present one has done: it was renewed, and the visitor has presented its successor.
    pub(super) fn retires_previous(&self) -> bool {
        self.has_unretired_predecessor() && self.held == self.meta.secret_hash
    }

    /// Whether the visitor may be given a new secret in a renewal: not while the grace runs, with the successor in use. One
    /// whose successor never arrived may.
    pub(super) fn may_renew(&self) -> bool {
        self.has_unretired_predecessor() || self.held == self.meta.secret_hash
    }

    fn has_unretired_predecessor(&self) -> bool {
        matches!(self.meta.previous, Some(Previous { kind: PreviousKind::Renewed, until: None, .. }))
    }
}
