//! Which of the tokens that a request carried counts.

use super::state::LoadPlan;
use crate::record::{Access, Record};
use crate::token::{SessionId, Token};

/// What the tokens of a request amount to.
pub(super) enum Verdict<'a> {
    /// This one opens its session.
    Opens(Token, &'a Record),
    /// One did until a moment ago.
    Superseded,
    /// They open nothing, or not one session alone.
    Nobody,
}

/// Judges the tokens by the records that were loaded for them.
pub(super) fn judge<'a>(tokens: &[Token], plan: &LoadPlan, records: &'a [Option<Record>]) -> Verdict<'a> {
    let mut opened: Option<(Token, &Record)> = None;
    let mut superseded = false;
    for token in tokens {
        let Some(record) = record_of(*token, plan, records) else { continue };
        match (record.meta.access(&token.hash(), record.now), opened) {
            (Access::Open, Some((other, _))) if other.id() != token.id() => return report_ambiguity(other, *token),
            (Access::Open, None) => opened = Some((*token, record)),
            // Two tokens of one session: the present one counts, not the one that was just renewed.
            (Access::Open, Some(_)) if record.meta.secret_hash == token.hash() => opened = Some((*token, record)),
            (Access::Open | Access::Unknown, _) => {}
            (Access::Superseded, _) => superseded = true,
            (Access::Reused, _) => report_reuse(token.id()),
        }
    }
    match opened {
        Some((token, record)) => Verdict::Opens(token, record),
        None if superseded => Verdict::Superseded,
        None => Verdict::Nobody,
    }
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

fn report_ambiguity<'a>(one: Token, other: Token) -> Verdict<'a> {
    // The order in which a browser sends cookies is no evidence of which one is right (RFC 6265bis, 4.2.2).
    tracing::warn!(session = %one.id(), other = %other.id(), "a request opens two sessions: none is used");
    Verdict::Nobody
}

pub(super) fn report_reuse(session: SessionId) {
    tracing::warn!(%session, "a renewed token was used after its grace: somebody may have copied it");
}
