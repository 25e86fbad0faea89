//! Rows as records.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::record::{Entry, Epoch, Meta, Previous, PreviousKind, Record, Revision};
use crate::token::{SecretHash, SessionId};

/// Times as the tables have them: nanoseconds since 1970, as far as 2262.
pub(super) struct Nanos;

impl Nanos {
    pub(super) fn of(time: SystemTime) -> i64 {
        time.duration_since(UNIX_EPOCH).map_or(0, Self::of_duration)
    }

    pub(super) fn of_duration(duration: Duration) -> i64 {
        i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
    }

    fn time(nanos: i64) -> SystemTime {
        UNIX_EPOCH + Duration::from_nanos(u64::try_from(nanos).unwrap_or(0))
    }
}

/// The record in the rows of `load.sql`.
pub(super) fn record(rows: &[SqliteRow], selected: usize, now: SystemTime) -> Result<Option<Record>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    let mut fields = vec![None; selected];
    for row in rows {
        let position: Option<i64> = row.try_get("position")?;
        if let Some(field) = position.and_then(|at| fields.get_mut(usize::try_from(at).ok()?)) {
            *field = Some(entry(row)?);
        }
    }
    Ok(Some(Record { meta: meta(first)?, fields, now }))
}

fn entry(row: &SqliteRow) -> Result<Entry, sqlx::Error> {
    let value: Option<Vec<u8>> = row.try_get("value")?;
    let revision: i64 = row.try_get("revision")?;
    Ok(Entry {
        value: value.map(Bytes::from),
        revision: Revision::from_bytes(revision.to_be_bytes()),
        expires: time(row, "expires")?,
    })
}

/// The columns of `session_records`.
pub(super) fn meta(row: &SqliteRow) -> Result<Meta, sqlx::Error> {
    let always = |name: &str| row.try_get(name).map(Nanos::time);
    Ok(Meta {
        secret_hash: SecretHash::from_bytes(bytes(row, "secret_hash")?),
        secret_since: always("secret_since")?,
        previous: previous(row)?,
        epoch: Epoch::from_bytes(bytes(row, "epoch")?),
        created: always("created")?,
        idle_deadline: always("idle_deadline")?,
        absolute_deadline: always("absolute_deadline")?,
        authenticated: time(row, "authenticated")?,
        persistent: row.try_get("persistent")?,
    })
}

fn previous(row: &SqliteRow) -> Result<Option<Previous>, sqlx::Error> {
    let renewed: Option<bool> = row.try_get("previous_renewed")?;
    let Some(renewed) = renewed else { return Ok(None) };
    Ok(Some(Previous {
        hash: SecretHash::from_bytes(bytes(row, "previous_hash")?),
        kind: if renewed { PreviousKind::Renewed } else { PreviousKind::Superseded },
        until: time(row, "previous_until")?,
    }))
}

pub(super) fn session_id(row: &SqliteRow) -> Result<SessionId, sqlx::Error> {
    bytes(row, "session_id").map(SessionId::from_bytes)
}

fn time(row: &SqliteRow, name: &str) -> Result<Option<SystemTime>, sqlx::Error> {
    let nanos: Option<i64> = row.try_get(name)?;
    Ok(nanos.map(Nanos::time))
}

fn bytes<const N: usize>(row: &SqliteRow, name: &str) -> Result<[u8; N], sqlx::Error> {
    let bytes: Vec<u8> = row.try_get(name)?;
    <[u8; N]>::try_from(bytes).map_err(|bytes| sqlx::Error::ColumnDecode {
        index: name.into(),
        source: format!("{} bytes where {N} are expected", bytes.len()).into(),
    })
}
