//! Which of the tokens that a request carried counts.

use smallvec::{SmallVec, smallvec};

use crate::event::RejectReason;
use crate::record::{Access, Record};
use crate::token::{HashedToken, SessionId};

/// The sessions that they name.
pub(crate) type Sessions = SmallVec<[SessionId; 1]>;

/// What is stored of those sessions, in the same order.
pub(crate) type Records = SmallVec<[Option<Record>; 1]>;

/// What the tokens of a request amount to.
pub(super) struct Judgement {
    pub(super) verdict: Verdict,
    /// A session of which a renewed token was used after its grace, without the one that replaced it.
    pub(super) reused: Option<SessionId>,
}

pub(super) enum Verdict {
    /// The token at this place opens the session, with the record at that place.
    Opens { token: usize, record: usize },
    /// None does, that of this session for this reason.
    Rejected(SessionId, RejectReason),
    /// None does, and it is told already.
    Nobody,
}

/// Judges the tokens by the records that were loaded for these sessions.
pub(super) fn judge(tokens: &[HashedToken], sessions: &[SessionId], records: &[Option<Record>]) -> Judgement {
    let mut opened: Option<(usize, usize)> = None;
    let mut rejected: Option<(SessionId, RejectReason)> = None;
    let mut reused = None;
    for (place, token) in tokens.iter().enumerate() {
        let at = sessions.iter().position(|id| *id == token.id()).unwrap_or(usize::MAX);
        let meta = records.get(at).and_then(Option::as_ref);
        match meta.map_or(Access::Unknown, |record| record.meta.access(&token.hash(), record.now)) {
            Access::Open => match opened {
                Some((other, _)) if tokens[other].id() != token.id() => {
                    // The order in which a browser sends cookies is no evidence of which one is right (RFC 6265bis, 4.2.2).
                    return Judgement { verdict: Verdict::Rejected(token.id(), RejectReason::Ambiguous), reused };
                }
                // Two tokens of one session: the present one counts, not the one that was just renewed.
                Some(_) if meta.is_some_and(|record| record.meta.secret_hash != token.hash()) => {}
                _ => opened = Some((place, at)),
            },
            Access::Superseded => rejected = Some((token.id(), RejectReason::Superseded)),
            Access::Reused => reused = Some(token.id()),
            Access::Unknown => {
                rejected.get_or_insert((token.id(), RejectReason::Unknown));
            }
        }
    }
    let reused = reused.filter(|id| opened.is_none_or(|(token, _)| tokens[token].id() != *id));
    let verdict = match (opened, rejected) {
        (Some((token, record)), _) => Verdict::Opens { token, record },
        (None, Some((id, reason))) => Verdict::Rejected(id, reason),
        (None, None) => Verdict::Nobody,
    };
    Judgement { verdict, reused }
}

/// The sessions that the tokens name, each once.
pub(super) fn ids(tokens: &[HashedToken]) -> Sessions {
    let Some((first, others)) = tokens.split_first() else { return Sessions::new() };
    let mut ids: Sessions = smallvec![first.id()];
    for token in others {
        if !ids.contains(&token.id()) {
            ids.push(token.id());
        }
    }
    ids
}
