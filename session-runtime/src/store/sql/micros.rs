//! Times as a server's tables have them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::record::FOREVER;

/// Microseconds since 1970; and durations in microseconds.
pub(in crate::store) struct Micros;

impl Micros {
    pub(in crate::store) fn of(time: SystemTime) -> i64 {
        time.duration_since(UNIX_EPOCH).map_or(0, Self::of_duration)
    }

    /// At most [`FOREVER`], so that the server can add it to a time.
    pub(in crate::store) fn of_duration(duration: Duration) -> i64 {
        i64::try_from(duration.min(FOREVER).as_micros()).unwrap_or(i64::MAX)
    }

    pub(in crate::store) fn time(micros: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }
}
