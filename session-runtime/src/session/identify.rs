//! Which of the tokens that a request carried counts.

use super::state::LoadPlan;
use crate::event::RejectReason;
use crate::record::{Access, Record};
use crate::token::{SessionId, Token};

/// What the tokens of a request amount to.
pub(super) struct Judgement<'a> {
    pub(super) verdict: Verdict<'a>,
    /// A session of which a renewed token was used after its grace, without the one that replaced it.
    pub(super) reused: Option<SessionId>,
}

pub(super) enum Verdict<'a> {
    /// This one opens its session.
    Opens(Token, &'a Record),
    /// None does, that of this session for this reason.
    Rejected(SessionId, RejectReason),
    /// None does, and it is told already.
    Nobody,
}

/// Judges the tokens by the records that were loaded for them.
pub(super) fn judge<'a>(tokens: &[Token], plan: &LoadPlan, records: &'a [Option<Record>]) -> Judgement<'a> {
    let mut opened: Option<(Token, &Record)> = None;
    let mut rejected: Option<(SessionId, RejectReason)> = None;
    let mut reused = None;
    for token in tokens {
        let record = record_of(*token, plan, records);
        match (record.map_or(Access::Unknown, |record| record.meta.access(&token.hash(), record.now)), record) {
            (Access::Open, Some(record)) => match opened {
                Some((other, _)) if other.id() != token.id() => {
                    // The order in which a browser sends cookies is no evidence of which one is right (RFC 6265bis, 4.2.2).
                    return Judgement { verdict: Verdict::Rejected(token.id(), RejectReason::Ambiguous), reused };
                }
                // Two tokens of one session: the present one counts, not the one that was just renewed.
                Some(_) if record.meta.secret_hash != token.hash() => {}
                _ => opened = Some((*token, record)),
            },
            (Access::Superseded, _) => rejected = Some((token.id(), RejectReason::Superseded)),
            (Access::Reused, _) => reused = Some(token.id()),
            (Access::Unknown | Access::Open, _) => {
                rejected.get_or_insert((token.id(), RejectReason::Unknown));
            }
        }
    }
    let reused = reused.filter(|id| opened.is_none_or(|(token, _)| token.id() != *id));
    let verdict = match (opened, rejected) {
        (Some((token, record)), _) => Verdict::Opens(token, record),
        (None, Some((id, reason))) => Verdict::Rejected(id, reason),
        (None, None) => Verdict::Nobody,
    };
    Judgement { verdict, reused }
}

/// The sessions that the tokens name, each once.
pub(super) fn ids(tokens: &[Token]) -> Vec<SessionId> {
    let mut ids = Vec::with_capacity(tokens.len());
    for token in tokens {
        if !ids.contains(&token.id()) {
            ids.push(token.id());
        }
    }
    ids
}

fn record_of<'a>(token: Token, plan: &LoadPlan, records: &'a [Option<Record>]) -> Option<&'a Record> {
    let at = plan.sessions.iter().position(|id| *id == token.id())?;
    records.get(at)?.as_ref()
}
