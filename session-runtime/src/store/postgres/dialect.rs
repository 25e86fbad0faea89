//! PostgreSQL's SQL, and its parameters: lists are arrays, one for each column.

use std::time::SystemTime;

use sqlx::postgres::{PgConnection, Postgres};

use super::schema;
use crate::record::{ChangeSet, Guard, IndexChange, Select, SetField};
use crate::store::sql::lists::revision;
use crate::store::sql::names::{TableNames, Written};
use crate::store::sql::new_secret::{NewSecret, Of};
use crate::store::sql::one_field::{self, OneField};
use crate::store::sql::parameters::{Bind as _, end, ttl};
use crate::store::sql::schema::SchemaError;
use crate::store::sql::server::Dialect;
use crate::store::sql::statements::{self, Statements};
use crate::token::SessionId;

type Bound<'q> = statements::Bound<'q, Postgres>;

/// The schema unless another is named: the one in which programs that name none have their tables.
const PUBLIC: &str = "public";

/// The session that may be written to and needs nothing else, see `one_field.rs`; its lock keeps others from ending it meanwhile.
macro_rules! writable {
    () => {
        "
WITH r AS (
    SELECT coalesce($2, {session_clock}()) AS now, r.*
      FROM {session_records} r
     WHERE r.id = $1 AND NOT r.ended AND coalesce($2, {session_clock}()) < r.deadline
       AND (r.secret_hash = $3 OR r.epoch = $4)
       AND coalesce(coalesce($2, {session_clock}()) + $5 <= r.idle_deadline + $5 / 10, true)
       AND NOT ($6 AND coalesce(r.previous_renewed AND r.previous_until IS NULL, false))
       FOR UPDATE
), written AS ("
    };
}

/// What follows what was written.
macro_rules! record {
    () => {
        "
    RETURNING true)
SELECT r.now, r.secret_hash, r.secret_since, r.previous_hash, r.previous_renewed, r.previous_until, r.epoch, r.created,
       r.idle_deadline, r.absolute_deadline, r.authenticated, r.persistent
  FROM r, written"
    };
}

/// A field's latest overwritten writes, with the one that is overwritten now: 16 of 8 bytes.
macro_rules! overwritten {
    () => {
        "overwritten = substring(int8send(f.revision) || f.overwritten FOR 128)"
    };
}

impl Dialect for Postgres {
    const STATEMENTS: Statements<&'static str> = Statements {
        // The clock in a subquery, so that it is read once. No list is joined or looked into by an index: the plan would be made
        // anew for each.
        load: "
SELECT t.now, r.secret_hash, r.secret_since, r.previous_hash, r.previous_renewed, r.previous_until, r.epoch, r.created,
       r.idle_deadline, r.absolute_deadline, r.authenticated, r.persistent,
       (array_position($3::text[], f.key) - 1)::bigint AS position,
       CASE WHEN ($4::boolean[])[array_position($3::text[], f.key)] THEN f.value END AS value, f.revision, f.expires
  FROM (SELECT coalesce($2, {session_clock}()) AS now) t
  JOIN {session_records} r ON r.id = $1 AND NOT r.ended AND t.now < r.deadline
  LEFT JOIN {session_fields} f
    ON f.session_id = r.id AND array_position($3::text[], f.key) > 0
   AND f.value IS NOT NULL AND (f.expires IS NULL OR t.now < f.expires)",
        commit: "
SELECT * FROM {session_commit}(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
        one_field: Some(one_field::Statements {
            set: concat!(
                writable!(),
                "
    INSERT INTO {session_fields} AS f (session_id, key, value, revision, expires)
    SELECT r.id, $7, $8, $9, coalesce(r.now + $10, $11) FROM r
        ON CONFLICT (session_id, key) DO UPDATE
       SET value = excluded.value, revision = excluded.revision, expires = excluded.expires, ",
                overwritten!(),
                "
     WHERE f.revision <> excluded.revision AND position(int8send(excluded.revision) IN f.overwritten) = 0",
                record!()
            ),
            swap: concat!(
                writable!(),
                "
    UPDATE {session_fields} f
       SET value = $8, revision = $9, expires = coalesce(r.now + $10, $11), ",
                overwritten!(),
                "
      FROM r
     WHERE f.session_id = r.id AND f.key = $7 AND f.revision = $12
       AND f.value IS NOT NULL AND (f.expires IS NULL OR r.now < f.expires)",
                record!()
            ),
        }),
        begin: Some(include_str!("begin.sql")),
        supersede: Some(include_str!("supersede.sql")),
        destroy: "SELECT {session_destroy}($1, $2, $3, $4) AS outcome",
        find: "
SELECT session_id FROM {session_index} WHERE name = $1 COLLATE \"C\" AND sha256(value) = sha256($2) AND value = $2",
        sweep: "SELECT * FROM {session_sweep}(coalesce($1, {session_clock}()), $2, $3)",
    };

    fn written(names: &TableNames) -> Written<'_> {
        Written::new(names, Some(names.schema().unwrap_or(PUBLIC)), '"')
    }

    async fn check_settings(connection: &mut PgConnection) -> Result<(), SchemaError> {
        schema::check_isolation(connection).await
    }

    async fn version(connection: &mut PgConnection, names: &TableNames) -> Result<Option<i64>, sqlx::Error> {
        schema::version(connection, names).await
    }

    async fn make(connection: PgConnection, names: &TableNames) -> Result<(), SchemaError> {
        schema::make(connection, names).await
    }

    fn load<'q>(query: Bound<'q>, id: &'q SessionId, select: &[Select], now: Option<SystemTime>) -> Bound<'q> {
        let query = query.id(id).now(now);
        query.bind(list(select, |select| select.key)).bind(list(select, |select| select.value))
    }

    /// In the order of `session_commit`.
    fn commit<'q>(query: Bound<'q>, id: &'q SessionId, changes: &'q ChangeSet, now: Option<SystemTime>) -> Bound<'q> {
        lists(query.id(id).now(now).basis(&changes.basis), changes).rotate(changes).times(changes)
    }

    fn one_field<'q>(query: Bound<'q>, id: &'q SessionId, change: &OneField<'q>, now: Option<SystemTime>) -> Bound<'q> {
        let OneField { guard, field, seen, touch, retires } = change;
        let query = query.id(id).now(now).guard(guard).duration(*touch).flag(*retires);
        let query = query.bind(field.key).bytes(field.value.as_deref()).bind(revision(field.revision));
        let query = query.number(ttl(field.expiry)).number(end(field.expiry));
        match seen {
            Some(seen) => query.bind(revision(*seen)),
            None => query,
        }
    }

    fn new_secret<'q>(
        query: Bound<'q>,
        id: &'q SessionId,
        NewSecret { of, changes }: &NewSecret<'q>,
        now: Option<SystemTime>,
    ) -> Bound<'q> {
        let query = query.id(id).now(now);
        match of {
            Of::Nobody { create, idle, absolute } => {
                let query = query.bytes(Some(create.secret_hash.as_bytes())).bytes(Some(create.epoch.as_bytes()));
                let query = query.duration(Some(*idle)).duration(Some(*absolute));
                fields(query.flag(changes.authenticated).flag(changes.remember.is_some()), &changes.set)
            }
            Of::Session { guard, rotate, epoch, recognised } => {
                let query = query.guard(guard).duration(changes.touch);
                let query = query.bytes(Some(rotate.from.as_bytes())).bytes(Some(rotate.to.as_bytes()));
                let query = query.bytes(Some(epoch.as_bytes())).duration(Some(*recognised));
                let query = query.duration(changes.absolute).duration(changes.remember).flag(changes.authenticated);
                entries(fields(query, &changes.set), &changes.index)
            }
        }
    }

    fn destroy<'q>(query: Bound<'q>, id: &'q SessionId, guard: &'q Guard, now: Option<SystemTime>) -> Bound<'q> {
        query.id(id).now(now).guard(guard)
    }

    fn find<'q>(query: Bound<'q>, index: &'q str, value: &'q str) -> Bound<'q> {
        query.bind(index).bind(value.as_bytes())
    }

    fn sweep(query: Bound<'_>, [most, most_ended]: [i64; 2], now: Option<SystemTime>) -> Bound<'_> {
        query.now(now).bind(most).bind(most_ended)
    }
}

fn lists<'q>(query: Bound<'q>, ChangeSet { expect, set, remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    let query =
        query.bind(list(expect, |expect| expect.key)).bind(list(expect, |expect| expect.revision.map(revision)));
    entries(fields(query, set).bind(remove.as_slice()), index)
}

fn fields<'q>(query: Bound<'q>, set: &'q [SetField]) -> Bound<'q> {
    query
        .bind(list(set, |field| field.key))
        .bind(list(set, |field| field.value.as_deref()))
        .bind(list(set, |field| revision(field.revision)))
        .bind(list(set, |field| ttl(field.expiry)))
        .bind(list(set, |field| end(field.expiry)))
}

fn entries<'q>(query: Bound<'q>, index: &'q [IndexChange]) -> Bound<'q> {
    query
        .bind(list(index, |change| change.index))
        .bind(list(index, |change| change.value.as_deref().map(str::as_bytes)))
}

fn list<'l, T, P>(list: &'l [T], part: impl Fn(&'l T) -> P) -> Vec<P> {
    list.iter().map(part).collect()
}
