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
        load: "
SELECT now, (held).*, position, value, revision, expires
  FROM {session_load}($1, coalesce($2, {session_clock}()), $3, $4)",
        commit: "
SELECT outcome, now, (held).*, position, value, revision, expires
  FROM {session_commit}(ROW(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28
  )::{session_change})",
        destroy: "SELECT {session_destroy}($1, $2, $3, $4) AS outcome",
        find: "SELECT {session_find}($1, $2) AS session_id",
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

    /// In the order of `session_change`.
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
