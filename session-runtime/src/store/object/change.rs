//! What changes a session: a commit, and its end.
//!
//! The object is read, the rules are applied to it, and it is written if it is still what was read. If it is not, somebody else
//! was faster, and it all begins anew. Or this very change is there already: a write that got no answer, and that the operator
//! has asked for again by itself. Which of both it was, the next reading tells.

use std::time::SystemTime;

use bytes::Bytes;

use super::entries::{self, Entry};
use super::format::{Ended, Held, Stored};
use super::names::{self, Due};
use super::objects::{Object, ObjectError, Trip};
use super::{change_failed, failed, lost};
use crate::record::{Basis, ChangeSet, Ending, Guard, Outcome};
use crate::store::{StoreError, apply};
use crate::token::{self, SessionId};

/// A session's object, as it was read.
pub(super) struct Seen {
    object: Object,
    pub(super) stored: Stored,
}

impl Seen {
    pub(super) fn held(&self) -> Option<&Held> {
        match &self.stored {
            Stored::Live(held) => Some(held),
            Stored::Ended(_) => None,
        }
    }
}

/// Reads a session's object, if there is one.
pub(super) async fn read(trip: &Trip<'_>, id: SessionId) -> Result<Option<Seen>, ObjectError> {
    let name = names::session(id);
    let Some(object) = trip.get(&name).await? else { return Ok(None) };
    match Stored::decode(object.content.clone()) {
        Ok(stored) => Ok(Some(Seen { object, stored })),
        Err(source) => Err(ObjectError::Format { object: name, source }),
    }
}

/// Applies the change set.
pub(super) async fn commit(
    trip: &Trip<'_>,
    id: SessionId,
    changes: &ChangeSet,
    now: Option<SystemTime>,
) -> Result<Outcome, StoreError> {
    let (name, mut made, mut tries) = (names::session(id), Vec::new(), 0);
    // Of a creation it is known what there is: nothing. If that is wrong, it is not written.
    let is_creation = matches!(changes.basis, Basis::Create(_));
    let mut seen = if is_creation { None } else { read(trip, id).await.map_err(failed("commit"))? };
    loop {
        let held = seen.as_ref().and_then(Seen::held);
        let (outcome, next) = next(seen.as_ref(), &made, changes, now.unwrap_or_else(SystemTime::now));
        let Some(next) = next else {
            let of_no_use = made.iter().filter(|entry| !held.is_some_and(|held| held.entries.contains(entry)));
            entries::leave(trip, id, of_no_use).await;
            return Ok(outcome);
        };
        // Before it is committed, so that whoever looks for the session misses it at no time.
        let missing = next.held.entries.iter().filter(|entry| !held.is_some_and(|held| held.entries.contains(entry)));
        entries::enter(trip, id, missing, &mut made).await.map_err(failed("enter into its indexes"))?;
        if held.is_none() {
            trip.mark(&Due::at(next.held.record.meta.expires(), id).object()).await.map_err(failed("commit"))?;
        }
        let object = seen.as_ref().map(|seen| &seen.object);
        if trip.put(&name, next.content, object).await.map_err(change_failed("commit"))? {
            let replaced = held.into_iter().flat_map(|held| &held.entries);
            entries::leave(trip, id, replaced.filter(|entry| !next.held.entries.contains(entry))).await;
            return Ok(outcome);
        }
        trip.pause(tries).await.map_err(lost("commit"))?;
        tries += 1;
        seen = read(trip, id).await.map_err(lost("commit"))?;
    }
}

/// What a commit is to write.
struct Next {
    held: Held,
    content: Bytes,
}

/// What comes of a commit on what was seen; and what is to be written, if that is something else. `made` are the entries that it
/// has made already.
fn next(seen: Option<&Seen>, made: &[Entry], changes: &ChangeSet, now: SystemTime) -> (Outcome, Option<Next>) {
    let before = match seen.map(|seen| &seen.stored) {
        None => None,
        Some(Stored::Live(held)) => Some(held),
        Some(Stored::Ended(_)) => return (Outcome::Gone, None),
    };
    let mut record = before.map(|held| held.record.clone());
    let (outcome, created) = apply::commit(record.as_mut(), changes, now);
    let (Outcome::Applied { .. }, Some(record)) = (&outcome, created.or(record)) else { return (outcome, None) };
    let known: Vec<_> = before.into_iter().flat_map(|held| &held.entries).chain(made).collect();
    let entries = entries::of(&record, &known, now);
    let held = Held { record, entries };
    let content = held.encode();
    let is_there = seen.is_some_and(|seen| seen.object.content == content);
    (outcome, (!is_there).then_some(Next { held, content }))
}

/// Ends the session if the guard holds.
pub(super) async fn destroy(
    trip: &Trip<'_>,
    id: SessionId,
    guard: Guard,
    now: Option<SystemTime>,
) -> Result<Ending, StoreError> {
    let (by, mut tries) = (token::random(), 0);
    let mut found = read(trip, id).await.map_err(failed("destroy"))?;
    loop {
        let Some(seen) = found else { return Ok(Ending::Gone) };
        let held = match &seen.stored {
            Stored::Live(held) => held,
            Stored::Ended(ended) if ended.by == by => return Ok(Ending::Destroyed),
            Stored::Ended(_) => return Ok(Ending::Gone),
        };
        let now = now.unwrap_or_else(SystemTime::now);
        let ending = apply::ending(Some(&held.record), &guard, now);
        if ending != Ending::Destroyed {
            return Ok(ending);
        }
        if end(trip, id, &seen, by).await.map_err(change_failed("destroy"))? {
            return Ok(Ending::Destroyed);
        }
        trip.pause(tries).await.map_err(lost("destroy"))?;
        tries += 1;
        found = read(trip, id).await.map_err(lost("destroy"))?;
    }
}

/// Writes the end of a session where it was; says whether it was still as it was seen.
///
/// The ID stays taken until the time at which the session was first to be looked at: a creation that was given up and is on its
/// way still finds it taken, or makes a session that has expired.
pub(super) async fn end(trip: &Trip<'_>, id: SessionId, seen: &Seen, by: [u8; 8]) -> Result<bool, ObjectError> {
    let is_ended = trip.put(&names::session(id), Ended { by }.encode(), Some(&seen.object)).await?;
    if is_ended {
        entries::leave(trip, id, seen.held().into_iter().flat_map(|held| &held.entries)).await;
    }
    Ok(is_ended)
}
