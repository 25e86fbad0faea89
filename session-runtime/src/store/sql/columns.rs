//! Rows as records.

#[cfg(any(feature = "mysql", feature = "postgres"))]
use std::sync::Arc;
use std::time::SystemTime;

use sqlx::{ColumnIndex, Database, Decode, Row, Type};

use crate::record::{Deadline, Epoch, Expired, Meta, Previous, PreviousKind};
#[cfg(any(feature = "mysql", feature = "postgres"))]
use crate::record::{Entry, Record, Revision};
use crate::token::{SecretHash, SessionId};

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

/// The record in rows that each have it, and one of its fields with the field's place among those that were selected; one row
/// without a field where none is there.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(in crate::store) fn record<R: Columns>(
    rows: &[R],
    selected: usize,
    now: SystemTime,
) -> Result<Option<Record>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    Ok(Some(Record { meta: meta(first)?.into(), fields: fields(rows, selected)?, now }))
}

/// The fields in such rows.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(in crate::store) fn fields<R: Columns>(rows: &[R], selected: usize) -> Result<Vec<Option<Entry>>, sqlx::Error> {
    let mut fields = vec![None; selected];
    for row in rows {
        let position = row.integer("position")?;
        if let Some(field) = position.and_then(|at| fields.get_mut(usize::try_from(at).ok()?)) {
            *field = Some(entry(row)?);
        }
    }
    Ok(fields)
}

/// The field in a row.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(in crate::store) fn entry<R: Columns>(row: &R) -> Result<Entry, sqlx::Error> {
    Ok(Entry {
        value: row.bytes("value")?.map(Arc::from),
        revision: Revision::from_bytes(always(row.integer("revision")?, "revision")?.to_be_bytes()),
        expires: time(row, "expires")?,
    })
}

/// The columns of `session_records`.
pub(in crate::store) fn meta<R: Columns>(row: &R) -> Result<Meta, sqlx::Error> {
    let set_time = |name| always(time(row, name)?, name);
    Ok(Meta {
        secret_hash: SecretHash::from_bytes(array(row, "secret_hash")?),
        secret_since: set_time("secret_since")?,
        previous: previous(row)?,
        epoch: Epoch::from_bytes(array(row, "epoch")?),
        created: set_time("created")?,
        idle_deadline: set_time("idle_deadline")?,
        absolute_deadline: set_time("absolute_deadline")?,
        authenticated: time(row, "authenticated")?,
        persistent: always(row.flag("persistent")?, "persistent")?,
    })
}

fn previous<R: Columns>(row: &R) -> Result<Option<Previous>, sqlx::Error> {
    let Some(renewed) = row.flag("previous_renewed")? else { return Ok(None) };
    Ok(Some(Previous {
        hash: SecretHash::from_bytes(array(row, "previous_hash")?),
        kind: if renewed { PreviousKind::Renewed } else { PreviousKind::Superseded },
        until: time(row, "previous_until")?,
    }))
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

fn array<const N: usize, R: Columns>(row: &R, name: &str) -> Result<[u8; N], sqlx::Error> {
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
