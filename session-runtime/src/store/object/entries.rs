//! Entries in indexes, by which sessions are found: an object each.

use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::names::{self, Mark};
use super::objects::{ObjectError, Trip};
use super::{ObjectStore, change, failed};
use crate::store::StoreError;
use crate::store::apply::WholeRecord;
use crate::token::SessionId;

/// How long an entry is left alone that its session does not know of: the commit that made it may be under way, and its machine's
/// clock wrong by a little less.
const LEFT_ALONE: Duration = Duration::from_secs(3600);

/// How many objects are asked for at the same time.
pub(super) const AT_ONCE: usize = 16;

/// What a session is found by, and which object says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) index: Box<str>,
    pub(super) value: String,
    pub(super) mark: Mark,
}

impl Entry {
    fn object(&self, id: SessionId) -> String {
        names::found_by(&self.index, &self.value) + &self.mark.name(id)
    }
}

/// The record's entries: those that are known, and new ones.
pub(super) fn of(record: &WholeRecord, known: &[&Entry], now: SystemTime) -> Vec<Entry> {
    let entry = |(index, value): &(Box<str>, String)| {
        let known = known.iter().find(|entry| entry.index == *index && entry.value == *value);
        known.map_or_else(
            || Entry { index: index.clone(), value: value.clone(), mark: Mark::new(now) },
            |entry| (*entry).clone(),
        )
    };
    record.index.iter().map(entry).collect()
}

/// Makes those of the entries that are not `made` yet.
pub(super) async fn enter(
    trip: &Trip<'_>,
    id: SessionId,
    entries: impl Iterator<Item = &Entry>,
    made: &mut Vec<Entry>,
) -> Result<(), ObjectError> {
    for entry in entries {
        if !made.contains(entry) {
            trip.mark(&entry.object(id)).await?;
            made.push(entry.clone());
        }
    }
    Ok(())
}

/// Takes these entries out.
pub(super) async fn leave<'e>(trip: &Trip<'_>, id: SessionId, entries: impl Iterator<Item = &'e Entry>) {
    for entry in entries {
        if let Err(error) = trip.delete(&entry.object(id)).await {
            // One too many is found out by whoever reads it.
            tracing::warn!(session = %id, error = &error as &dyn std::error::Error, "an index entry was left behind");
        }
    }
}

/// The sessions that are entered under this value, and have it.
pub(super) async fn find(
    store: &ObjectStore,
    index: &str,
    value: &str,
    now: SystemTime,
) -> Result<Vec<SessionId>, StoreError> {
    let folder = names::found_by(index, value);
    let names = store.trip().list(&folder, usize::MAX).await.map_err(failed("find"))?;
    let marks: Vec<_> = names.iter().filter_map(|name| Mark::parse(name)).collect();
    let checks = stream::iter(marks).map(|(id, mark)| {
        let entry = Entry { index: index.into(), value: value.to_owned(), mark };
        check(store, id, entry, now)
    });
    let found: Vec<_> = checks.buffer_unordered(AT_ONCE).try_collect().await.map_err(failed("find"))?;
    let mut found: Vec<_> = found.into_iter().flatten().collect();
    // A session may have been entered twice.
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

/// The session, if it has the value. An entry that a session does not know is what a commit has left that came to nothing.
async fn check(
    store: &ObjectStore,
    id: SessionId,
    entry: Entry,
    now: SystemTime,
) -> Result<Option<SessionId>, ObjectError> {
    let trip = store.trip();
    let seen = match change::read(&trip, id).await {
        // Whatever it is, it may have the value.
        Err(ObjectError::Format { .. }) => return Ok(Some(id)),
        seen => seen?,
    };
    let held = seen.as_ref().and_then(change::Seen::held);
    if !held.is_some_and(|held| held.entries.contains(&entry)) && entry.mark.is_older_than(LEFT_ALONE, now) {
        leave(&trip, id, std::iter::once(&entry)).await;
    }
    let has = held.filter(|held| held.record.meta.is_live(now)).is_some_and(|held| {
        let mut entries = held.entries.iter();
        entries.any(|other| other.index == entry.index && other.value == entry.value)
    });
    Ok(has.then_some(id))
}
