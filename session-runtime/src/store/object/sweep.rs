//! Deleting what has expired.
//!
//! Whoever creates a session makes a small object whose name says when to look at it. Whoever sweeps lists those whose time has
//! come. A session that has a later deadline by then gets a new one for that: so a use of the session costs nothing here, and
//! a sweep reads each session about once in each of its lives.

use std::time::{Duration, SystemTime};

use futures_util::{StreamExt as _, stream};

use super::entries::AT_ONCE;
use super::names::{self, Due};
use super::objects::{ObjectError, Trip};
use super::{ObjectStore, change, failed};
use crate::record::{Deadline, Expired, later};
use crate::store::StoreError;
use crate::token;

/// How many names are listed at a time.
const PAGE: usize = 1000;

/// When a session that can't be read is looked at again.
const AGAIN: Duration = Duration::from_secs(24 * 3600);

/// What became of a session that was looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It was deleted.
    Swept(Expired),
    /// It is not to be looked at any more, or later.
    Settled,
    /// Somebody else has something to do with it at this moment.
    Left,
}

/// What a sweep has come to.
#[derive(Default)]
struct Swept {
    sessions: Vec<Expired>,
    /// Why the first session that could not be swept was not. It stays where it is, and keeps no other.
    failed: Option<ObjectError>,
}

/// Deletes at most so many.
pub(super) async fn sweep(store: &ObjectStore, limit: usize, now: SystemTime) -> Result<Vec<Expired>, StoreError> {
    let hours = store.trip().list(names::HOURS, usize::MAX).await.map_err(failed("sweep"))?;
    let mut swept = Swept::default();
    for hour in names::begun(hours, now) {
        if let Err(error) = sweep_hour(store, &hour, limit, now, &mut swept).await {
            swept.failed.get_or_insert(error);
            break;
        }
    }
    match swept.failed {
        Some(error) if swept.sessions.is_empty() => Err(failed("sweep")(error)),
        // What is deleted must be named.
        _ => Ok(swept.sessions),
    }
}

async fn sweep_hour(
    store: &ObjectStore,
    hour: &str,
    limit: usize,
    now: SystemTime,
    Swept { sessions: swept, failed }: &mut Swept,
) -> Result<(), ObjectError> {
    while swept.len() < limit {
        let names = store.trip().list(hour, PAGE).await?;
        let mut due: Vec<_> = names.iter().filter_map(|name| Due::parse(name)).filter(|due| due.is_by(now)).collect();
        let is_all = names.len() < PAGE && due.len() <= limit - swept.len();
        due.truncate(limit - swept.len());
        let fates = stream::iter(due).map(|due| settle(store, due, now)).buffer_unordered(AT_ONCE);
        // All of them, whatever becomes of one: what those that were begun have deleted must be known.
        let fates: Vec<_> = fates.collect().await;
        let mut settled = 0;
        for fate in fates {
            settled += usize::from(matches!(fate, Ok(Fate::Swept(_) | Fate::Settled)));
            match fate {
                Ok(Fate::Swept(expired)) => swept.push(expired),
                Ok(Fate::Settled | Fate::Left) => {}
                Err(error) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "an expired session could not be swept");
                    failed.get_or_insert(error);
                }
            }
        }
        // What is not due yet, or left, would be on the next page too.
        if settled == 0 || is_all {
            break;
        }
    }
    Ok(())
}

/// Looks at a session whose time has come.
async fn settle(store: &ObjectStore, due: Due, now: SystemTime) -> Result<Fate, ObjectError> {
    let trip = store.trip();
    let seen = match change::read(&trip, due.id).await {
        Err(error @ ObjectError::Format { .. }) => {
            tracing::error!(session = %due.id, error = &error as &dyn std::error::Error, "a session can't be read");
            return put_off(&trip, due, later(now, AGAIN)).await;
        }
        seen => seen?,
    };
    let Some(seen) = seen else { return settled(&trip, due, Fate::Settled).await };
    let fate = match seen.held().map(|held| &held.record.meta) {
        Some(meta) if meta.is_live(now) => return put_off(&trip, due, meta.expires()).await,
        // Ended first, and only if it is as it was seen: then nothing is written there any more, and anybody may delete it.
        Some(meta) if change::end(&trip, due.id, &seen, token::random()).await? => {
            let deadline = Deadline::first(meta.idle_deadline, meta.absolute_deadline);
            Fate::Swept(Expired { id: due.id, deadline })
        }
        Some(_) => return Ok(Fate::Left),
        None => Fate::Settled,
    };
    let deleted = async {
        trip.delete(&names::session(due.id)).await?;
        settled(&trip, due, fate).await
    };
    match deleted.await {
        // It has ended, whatever is left of it until the next sweep: that will not know what it was.
        Err(error) if fate != Fate::Settled => {
            tracing::warn!(session = %due.id, error = &error as &dyn std::error::Error, "an expired session is left to be deleted");
            Ok(fate)
        }
        deleted => deleted,
    }
}

async fn put_off(trip: &Trip<'_>, due: Due, until: SystemTime) -> Result<Fate, ObjectError> {
    let again = Due::at(until, due.id);
    if again == due {
        // It is over within this second.
        return Ok(Fate::Left);
    }
    trip.mark(&again.object()).await?;
    settled(trip, due, Fate::Settled).await
}

/// Last of all: what breaks off before is done again.
async fn settled(trip: &Trip<'_>, due: Due, fate: Fate) -> Result<Fate, ObjectError> {
    trip.delete(&due.object()).await?;
    Ok(fate)
}
