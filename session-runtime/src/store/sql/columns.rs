//! The columns of rows, whichever the database.

use std::time::SystemTime;

use sqlx::{ColumnIndex, Database, Decode, Row, Type};

use crate::record::{Deadline, Expired};
use crate::token::SessionId;

/// A database whose tables have times as numbers.
pub(in crate::store) trait Times: Database {
    /// The time that a number stands for.
    fn time_of(number: i64) -> SystemTime;
}

/// A row, whichever the database; by the names of its columns, which are the same in all.
pub(in crate::store) trait Columns {
    /// A number; `None` where it is NULL.
    fn integer(&self, name: &str) -> Result<Option<i64>, sqlx::Error>;

    /// A truth value; `None` where it is NULL.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn flag(&self, name: &str) -> Result<Option<bool>, sqlx::Error>;

    /// Bytes; `None` where they are NULL.
    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, sqlx::Error>;

    /// Text, which is never NULL.
    #[cfg(any(feature = "mysql", feature = "postgres"))]
    fn text(&self, name: &str) -> Result<String, sqlx::Error>;

    /// The time that a number stands for.
    fn time_of(number: i64) -> SystemTime;
}

impl<R> Columns for R
where
    R: Row<Database: Times>,
    for<'n> &'n str: ColumnIndex<R>,
    for<'r> Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<bool>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> Option<Vec<u8>>: Decode<'r, R::Database> + Type<R::Database>,
    for<'r> String: Decode<'r, R::Database> + Type<R::Database>,
{
    fn integer(&self, name: &str) -> Result<Option<i64>, sqlx::Error> {
        self.try_get(name)
    }

    #[cfg(any(feature = "mysql", feature = "postgres"))]
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
        R::Database::time_of(number)
    }
}

/// The column `session_id`.
pub(in crate::store) fn session_id<R: Columns>(row: &R) -> Result<SessionId, sqlx::Error> {
    array(row, "session_id").map(SessionId::from_bytes)
}

/// A session that was deleted, with its deadlines.
pub(in crate::store) fn expired<R: Columns>(row: &R) -> Result<Expired, sqlx::Error> {
    let set_time = |name| always(time(row, name)?, name);
    let deadline = Deadline::first(set_time("idle_deadline")?, set_time("absolute_deadline")?);
    Ok(Expired { id: session_id(row)?, deadline })
}

/// A time; `None` where it is NULL.
pub(in crate::store) fn time<R: Columns>(row: &R, name: &str) -> Result<Option<SystemTime>, sqlx::Error> {
    Ok(row.integer(name)?.map(R::time_of))
}

pub(in crate::store) fn array<const N: usize, R: Columns>(row: &R, name: &str) -> Result<[u8; N], sqlx::Error> {
    let bytes = always(row.bytes(name)?, name)?;
    <[u8; N]>::try_from(bytes)
        .map_err(|bytes| unreadable(name, format!("{} bytes where {N} are expected", bytes.len())))
}

/// What is in a column that is never NULL.
pub(in crate::store) fn always<T>(value: Option<T>, name: &str) -> Result<T, sqlx::Error> {
    value.ok_or_else(|| unreadable(name, "nothing where something is expected".into()))
}

pub(in crate::store) fn unreadable(name: &str, why: String) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: name.into(), source: why.into() }
}
