//! The statements: each calls one function of `schema.sql`.

use std::sync::Arc;

use sqlx::postgres::{PgArguments, Postgres};
use sqlx::query::Query;

use super::schema::SchemaName;

/// A statement with what it is told.
pub(super) type Bound<'q> = Query<'q, Postgres, PgArguments>;

const LOAD: &str = r#"
SELECT now, (held).*, position, value, revision, expires
  FROM "{schema}".session_load($1, coalesce($2, "{schema}".session_clock()), $3, $4)"#;

const COMMIT: &str = r#"
SELECT outcome, now, (held).*, position, value, revision, expires
  FROM "{schema}".session_commit(ROW(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
    $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28
  )::"{schema}".session_change)"#;

const DESTROY: &str = r#"SELECT "{schema}".session_destroy($1, $2, $3, $4) AS outcome"#;

const FIND: &str = r#"SELECT "{schema}".session_find($1, $2) AS session_id"#;

const SWEEP: &str = r#"SELECT * FROM "{schema}".session_sweep(coalesce($1, "{schema}".session_clock()), $2)"#;

/// The texts, for one schema.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: Text,
    pub(super) commit: Text,
    pub(super) destroy: Text,
    pub(super) find: Text,
    pub(super) sweep: Text,
}

impl Statements {
    pub(super) fn of(schema: &SchemaName) -> Self {
        let text = |statement| Text(schema.name_in(statement).into());
        Self { load: text(LOAD), commit: text(COMMIT), destroy: text(DESTROY), find: text(FIND), sweep: text(SWEEP) }
    }
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Text(Arc<str>);

impl Text {
    /// To be told its parameters. The server keeps it prepared, one for each connection.
    pub(super) fn query<'q>(&self) -> Bound<'q> {
        // All that is not constant in it is a name that was checked.
        sqlx::query(sqlx::AssertSqlSafe(Arc::clone(&self.0)))
    }
}
