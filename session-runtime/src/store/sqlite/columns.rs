//! What is SQLite's own about rows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::store::sql::columns::Columns;

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

impl Columns for SqliteRow {
    fn integer(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(name)
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, sqlx::Error> {
        self.try_get(name)
    }

    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        self.try_get(name)
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn text(&self, name: &str) -> Result<String, sqlx::Error> {
        self.try_get(name)
    }

    fn time_of(number: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(number).unwrap_or(0))
    }
}
