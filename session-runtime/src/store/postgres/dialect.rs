//! PostgreSQL's SQL, and its parameters: lists are arrays, one for each column.

use std::time::SystemTime;

use sqlx::postgres::{PgConnection, Postgres};

use super::schema;
use crate::record::{ChangeSet, Guard, Select};
use crate::store::sql::lists::revision;
use crate::store::sql::names::{TableNames, Written};
use crate::store::sql::parameters::{Bind as _, end, ttl};
use crate::store::sql::schema::SchemaError;
use crate::store::sql::server::Dialect;
use crate::store::sql::statements::{self, Statements};
use crate::token::SessionId;

type Bound<'q> = statements::Bound<'q, Postgres>;

/// The schema unless another is named: the one in which programs that name none have their tables.
const PUBLIC: &str = "public";

impl Dialect for Postgres {
    const STATEMENTS: Statements<&'static str> = Statements {
        // The clock in a subquery, so that it is read once. No list is joined: the plan would be made anew for each.
        load: "
SELECT t.now, r.secret_hash, r.secret_since, r.previous_hash, r.previous_renewed, r.previous_until, r.epoch, r.created,
       r.idle_deadline, r.absolute_deadline, r.authenticated, r.persistent,
       (array_position($3::text[], f.key) - 1)::bigint AS position,
       CASE WHEN ($4::boolean[])[array_position($3::text[], f.key)] THEN f.value END AS value, f.revision, f.expires
  FROM (SELECT coalesce($2, {session_clock}()) AS now) t
  JOIN {session_records} r ON r.id = $1 AND NOT r.ended AND t.now < least(r.idle_deadline, r.absolute_deadline)
  LEFT JOIN {session_fields} f
    ON f.session_id = r.id AND f.key = ANY ($3::text[])
   AND f.value IS NOT NULL AND (f.expires IS NULL OR t.now < f.expires)",
        commit: "
SELECT * FROM {session_commit}(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28)",
        destroy: "SELECT {session_destroy}($1, $2, $3, $4) AS outcome",
        find: "
SELECT session_id FROM {session_index} WHERE name = $1 COLLATE \"C\" AND sha256(value) = sha256($2) AND value = $2",
        sweep: "SELECT * FROM {session_sweep}(coalesce($1, {session_clock}()), $2)",
    };

    fn written(names: &TableNames) -> Written<'_> {
        Written::new(names, Some(names.schema().unwrap_or(PUBLIC)), '"')
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

    fn destroy<'q>(query: Bound<'q>, id: &'q SessionId, guard: &'q Guard, now: Option<SystemTime>) -> Bound<'q> {
        query.id(id).now(now).guard(guard)
    }

    fn find<'q>(query: Bound<'q>, index: &'q str, value: &'q str) -> Bound<'q> {
        query.bind(index).bind(value.as_bytes())
    }

    fn sweep(query: Bound<'_>, limit: i64, now: Option<SystemTime>) -> Bound<'_> {
        query.now(now).bind(limit)
    }
}

fn lists<'q>(query: Bound<'q>, ChangeSet { expect, set, remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    query
        .bind(list(expect, |expect| expect.key))
        .bind(list(expect, |expect| expect.revision.map(revision)))
        .bind(list(set, |field| field.key))
        .bind(list(set, |field| field.value.as_deref()))
        .bind(list(set, |field| revision(field.revision)))
        .bind(list(set, |field| ttl(field.expiry)))
        .bind(list(set, |field| end(field.expiry)))
        .bind(remove.as_slice())
        .bind(list(index, |change| change.index))
        .bind(list(index, |change| change.value.as_deref().map(str::as_bytes)))
}

fn list<'l, T, P>(list: &'l [T], part: impl Fn(&'l T) -> P) -> Vec<P> {
    list.iter().map(part).collect()
}
