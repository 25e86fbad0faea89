//! What is PostgreSQL's own about rows.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::record::FOREVER;
use crate::store::sql::columns::Columns;

/// Times as the tables have them: microseconds since 1970; and durations.
pub(super) struct Micros;

impl Micros {
    pub(super) fn of(time: SystemTime) -> i64 {
        time.duration_since(UNIX_EPOCH).map_or(0, Self::of_duration)
    }

    /// At most [`FOREVER`], so that the server can add it to a time.
    pub(super) fn of_duration(duration: Duration) -> i64 {
        i64::try_from(duration.min(FOREVER).as_micros()).unwrap_or(i64::MAX)
    }
}

impl Columns for PgRow {
    fn integer(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(name)
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, sqlx::Error> {
        self.try_get(name)
    }

    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, sqlx::Error> {
        self.try_get(name)
    }

    fn time_of(number: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_micros(u64::try_from(number).unwrap_or(0))
    }
}
