//! What is SQLite's own about times.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::Sqlite;

use crate::store::sql::columns::Times;

/// Times as the tables have them: nanoseconds since 1970, as far as 2262.
pub(super) struct Nanos;

impl Nanos {
    pub(super) fn of(time: SystemTime) -> i64 {
        time.duration_since(UNIX_EPOCH).map_or(0, Self::of_duration)
    }

    fn of_duration(duration: Duration) -> i64 {
        i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
    }
}

impl Times for Sqlite {
    fn time_of(number: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(number).unwrap_or(0))
    }
}
