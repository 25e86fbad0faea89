//! What a server's functions answer.

use std::time::SystemTime;

use sqlx::Error;

use super::columns::{self, Columns};
use super::records;
use crate::record::{ChangeSet, Ending, Expired, Outcome, Record};
use crate::token::SessionId;

/// A load: one row per field, each with the record; none where there is no session.
pub(in crate::store) fn record<R: Columns>(rows: &[R], selected: usize) -> Result<Option<Record>, Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    records::record(rows, selected, now(first)?)
}

/// A commit.
pub(in crate::store) fn outcome<R: Columns>(rows: &[R], changes: &ChangeSet) -> Result<Outcome, Error> {
    let first = first(rows)?;
    match first.text("outcome")?.as_str() {
        "applied" => applied(first),
        "conflict" => Ok(Outcome::Conflict(records::fields(rows, changes.expect.len())?)),
        "superseded" => Ok(Outcome::Superseded),
        "reused" => Ok(Outcome::Reused),
        "gone" => Ok(Outcome::Gone),
        other => Err(unknown(other)),
    }
}

/// The record of a session after a commit.
pub(in crate::store) fn applied<R: Columns>(row: &R) -> Result<Outcome, Error> {
    Ok(Outcome::Applied { meta: records::meta(row)?.into(), now: now(row)? })
}

/// A destruction: what the guard may do with the session, which it has done.
pub(in crate::store) fn ending<R: Columns>(rows: &[R]) -> Result<Ending, Error> {
    match first(rows)?.text("outcome")?.as_str() {
        "open" => Ok(Ending::Destroyed),
        "superseded" => Ok(Ending::Superseded),
        "reused" => Ok(Ending::Reused),
        "gone" => Ok(Ending::Gone),
        other => Err(unknown(other)),
    }
}

/// A search.
pub(in crate::store) fn sessions<R: Columns>(rows: &[R]) -> Result<Vec<SessionId>, Error> {
    rows.iter().map(columns::session_id).collect()
}

/// What a sweep has deleted.
pub(in crate::store) struct Swept {
    pub(in crate::store) expired: Vec<Expired>,
    /// How many that were destroyed, which was told then.
    pub(in crate::store) ended: usize,
}

/// A sweep.
pub(in crate::store) fn swept<R: Columns>(rows: &[R]) -> Result<Swept, Error> {
    let mut expired = Vec::with_capacity(rows.len());
    for row in rows {
        if row.bytes("session_id")?.is_some() {
            expired.push(columns::expired(row)?);
        }
    }
    Ok(Swept { ended: rows.len() - expired.len(), expired })
}

fn first<R>(rows: &[R]) -> Result<&R, Error> {
    rows.first().ok_or(Error::RowNotFound)
}

fn now<R: Columns>(row: &R) -> Result<SystemTime, Error> {
    columns::always(columns::time(row, "now")?, "now")
}

fn unknown(outcome: &str) -> Error {
    Error::Protocol(format!("an unknown outcome, {outcome:?}"))
}
