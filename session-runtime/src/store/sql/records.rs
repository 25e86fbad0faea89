//! Rows as records, where they are rows of columns.

use std::sync::Arc;
use std::time::SystemTime;

use super::columns::{Columns, always, array, time};
use crate::record::{Entry, Epoch, Meta, Previous, PreviousKind, Record, Revision};
use crate::token::SecretHash;

/// The record in rows that each have it, and one of its fields with the field's place among those that were selected; one row
/// without a field where none is there.
pub(in crate::store) fn record<R: Columns>(
    rows: &[R],
    selected: usize,
    now: SystemTime,
) -> Result<Option<Record>, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(None) };
    Ok(Some(Record { meta: meta(first)?.into(), fields: fields(rows, selected)?, now }))
}

/// The fields in such rows.
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
