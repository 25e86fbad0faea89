//! What objects are called.
//!
//! `sessions/ID` is a session, `index/HASH/ID.TIME.MARK` an entry by which it is found, and `expiry/HOUR/SECOND.ID` says when to
//! see whether it has expired. Times are in seconds since 1970.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::token::{self, SessionId};

/// The folder of the hours in which sessions may expire.
pub(super) const HOURS: &str = "expiry/";

const SECONDS_PER_HOUR: u64 = 3600;

/// The object that is the session.
pub(super) fn session(id: SessionId) -> String {
    format!("sessions/{id}")
}

/// The folder of the sessions that are found by this value.
pub(super) fn found_by(index: &str, value: &str) -> String {
    // The length keeps names and values apart, whatever they are.
    let length = u64::try_from(index.len()).unwrap_or(u64::MAX).to_be_bytes();
    let hash = Sha256::new().chain_update(length).chain_update(index).chain_update(value).finalize();
    format!("index/{}/", URL_SAFE_NO_PAD.encode(hash))
}

/// Which entry in an index it is. Each commit makes its own, so that one which takes out what it has replaced never takes out
/// what another has entered since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) time: u64,
    pub(super) random: [u8; 8],
}

impl Mark {
    pub(super) fn new(now: SystemTime) -> Self {
        Self { time: seconds(now), random: token::random() }
    }

    /// The name of the session's entry in its folder.
    pub(super) fn name(&self, id: SessionId) -> String {
        format!("{id}.{}.{}", self.time, URL_SAFE_NO_PAD.encode(self.random))
    }

    pub(super) fn parse(name: &str) -> Option<(SessionId, Self)> {
        let mut parts = name.split('.');
        let (id, time, random) = (parts.next()?, parts.next()?, parts.next()?);
        let random = URL_SAFE_NO_PAD.decode(random).ok()?.try_into().ok()?;
        Some((id.parse().ok()?, Self { time: time.parse().ok()?, random }))
    }

    /// Whether the commit that made it was over so long ago.
    pub(super) fn is_older_than(&self, age: Duration, now: SystemTime) -> bool {
        self.time.saturating_add(age.as_secs()) < seconds(now)
    }
}

/// When a session is to be looked at because it may have expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) id: SessionId,
    second: u64,
}

impl Due {
    /// At the second in which this moment is.
    pub(super) fn at(moment: SystemTime, id: SessionId) -> Self {
        Self { id, second: seconds(moment) }
    }

    pub(super) fn object(&self) -> String {
        // As many digits as the end of all times that a record has, so that names sort as the times do.
        format!("{}{:012}.{}", hour(self.second), self.second, self.id)
    }

    /// Reads the name that the object has in its folder.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let (second, id) = name.split_once('.')?;
        Some(Self { id: id.parse().ok()?, second: second.parse().ok()? })
    }

    pub(super) fn is_by(&self, now: SystemTime) -> bool {
        self.second <= seconds(now)
    }
}

/// Of these names of hours the folders of those that have begun, the earliest first.
pub(super) fn begun(hours: Vec<String>, now: SystemTime) -> Vec<String> {
    let last = hour(seconds(now));
    let mut begun: Vec<_> = hours.iter().map(|name| format!("{HOURS}{name}")).filter(|hour| *hour <= last).collect();
    begun.sort();
    begun
}

/// The folder of the hour that this second is in.
fn hour(second: u64) -> String {
    format!("{HOURS}{:08}/", second / SECONDS_PER_HOUR)
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
