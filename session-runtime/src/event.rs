//! What happens to sessions, for those who keep an audit log or raise alarms.

use std::fmt;

pub use crate::record::Deadline;
use crate::token::SessionId;

/// Something that happened to a session, told to the listener of [`Builder::on_event`](crate::Builder::on_event) and, as a
/// `tracing` event, to the log. Nothing in it opens a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SessionEvent {
    /// A session was stored for the first time.
    Created {
        /// The session.
        session: SessionId,
    },
    /// A session got a new secret, because a `rotate` field was written or `regenerate` was called: a sign-in, as a rule.
    Rotated {
        /// The session.
        session: SessionId,
    },
    /// A session got a new secret because the one before was old: [`Builder::renew_after`](crate::Builder::renew_after).
    Renewed {
        /// The session.
        session: SessionId,
    },
    /// A session that had expired was deleted. Told by the sweep that deleted it, once, on one of all nodes; stores that let
    /// sessions expire by themselves (`RedisStore`) don't tell.
    Expired {
        /// The session.
        session: SessionId,
        /// Which deadline had passed.
        deadline: Deadline,
    },
    /// A visitor ended their session: [`Session::destroy`](crate::Session::destroy).
    SignedOut {
        /// The session.
        session: SessionId,
    },
    /// A session was ended by somebody else.
    Revoked {
        /// The session.
        session: SessionId,
        /// By whom.
        reason: RevokeReason,
    },
    /// A secret was used that had been renewed, though its successor is in use and its grace is over: somebody has a copy. See
    /// [`OnReuse`](crate::OnReuse).
    ReuseDetected {
        /// The session.
        session: SessionId,
    },
    /// A request or a caller presented a token that was not accepted.
    Rejected {
        /// The session that the token names, which need not exist; `None` for a text that is no token.
        session: Option<SessionId>,
        /// Why not.
        reason: RejectReason,
    },
}

/// Why a session was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RevokeReason {
    /// A `revoke…` method of the manager was called.
    Asked,
    /// There were too many: [`Builder::max_sessions`](crate::Builder::max_sessions).
    Limit,
    /// A renewed secret of it was used: [`OnReuse::Revoke`](crate::OnReuse::Revoke).
    Reuse,
}

/// Why a token was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RejectReason {
    /// It has not the form of a token.
    Malformed,
    /// It opens nothing: the session has ended, or never was.
    Unknown,
    /// It was replaced a moment ago. Requests that were under way during a sign-in are so told apart from strangers.
    Superseded,
    /// The request carried tokens of two sessions, both good: none is used.
    Ambiguous,
}

/// Who is told.
pub(crate) type Listener = Box<dyn Fn(&SessionEvent) + Send + Sync>;

impl SessionEvent {
    /// The session it is about.
    pub fn session(&self) -> Option<SessionId> {
        match *self {
            Self::Created { session }
            | Self::Rotated { session }
            | Self::Renewed { session }
            | Self::Expired { session, .. }
            | Self::SignedOut { session }
            | Self::Revoked { session, .. }
            | Self::ReuseDetected { session } => Some(session),
            Self::Rejected { session, .. } => session,
        }
    }

    /// Writes it to the log: what somebody should look at as a warning, what somebody did to others' sessions as information,
    /// and what every visitor does, or can make a million times, for debugging.
    pub(crate) fn trace(&self) {
        let session = self.session().map(tracing::field::display);
        match self {
            Self::ReuseDetected { .. } | Self::Rejected { reason: RejectReason::Ambiguous, .. } => {
                tracing::warn!(session, "{self}");
            }
            Self::Revoked { .. } => tracing::info!(session, "{self}"),
            _ => tracing::debug!(session, "{self}"),
        }
    }
}

/// Without the session's ID, which stands beside it in the log.
impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created { .. } => "a session was created",
            Self::Rotated { .. } => "a session's secret was replaced",
            Self::Renewed { .. } => "a session's secret was renewed",
            Self::Expired { deadline: Deadline::Idle, .. } => "a session expired: it was not used",
            Self::Expired { deadline: Deadline::Absolute, .. } => "a session expired: its time was over",
            Self::SignedOut { .. } => "a session was destroyed by its visitor",
            Self::Revoked { reason: RevokeReason::Asked, .. } => "a session was revoked",
            Self::Revoked { reason: RevokeReason::Limit, .. } => "a session was revoked: its user has too many",
            Self::Revoked { reason: RevokeReason::Reuse, .. } => "a session was revoked: a renewed token was used",
            Self::ReuseDetected { .. } => "a renewed token was used after its grace: somebody may have copied it",
            Self::Rejected { reason: RejectReason::Malformed, .. } => "what was presented is no token",
            Self::Rejected { reason: RejectReason::Unknown, .. } => "a token opens nothing",
            Self::Rejected { reason: RejectReason::Superseded, .. } => "a token was replaced a moment ago",
            Self::Rejected { reason: RejectReason::Ambiguous, .. } => "a request opens two sessions: none is used",
        })
    }
}
