//! The tables and functions.

use sqlx::postgres::{PgConnection, Postgres};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::store::sql::names::TableNames;
use crate::store::sql::schema::{SchemaError, known};
use crate::store::sql::server::Dialect as _;

/// The advisory lock under which tables are made, so that of several nodes that begin at once one makes them.
const LOCK: i64 = i64::from_be_bytes(*b"sessions");

/// What makes everything.
pub(super) fn sql(names: &TableNames) -> String {
    Postgres::written(names).sql(include_str!("schema.sql"))
}

pub(super) async fn make(mut connection: PgConnection, names: &TableNames) -> Result<(), SchemaError> {
    // In any other level, what another node has made while we waited would not be seen.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    if let Some(version) = version(&mut transaction, names).await? {
        return known(version);
    }
    sqlx::raw_sql(AssertSqlSafe(sql(names))).execute(&mut *transaction).await?;
    transaction.commit().await?;
    // It has done its work, however it ends.
    let _ = connection.close().await;
    Ok(())
}

/// Commits take a lock, and then read what those before them have written: in a stricter level they would not see it.
pub(super) async fn check_isolation(connection: &mut PgConnection) -> Result<(), SchemaError> {
    let level: String =
        sqlx::query_scalar("SELECT current_setting('transaction_isolation')").fetch_one(connection).await?;
    match level.as_str() {
        "read committed" | "read uncommitted" => Ok(()),
        _ => Err(SchemaError::Isolation(level)),
    }
}

pub(super) async fn version(connection: &mut PgConnection, names: &TableNames) -> Result<Option<i64>, sqlx::Error> {
    let written = Postgres::written(names);
    // Not `to_regclass`: within a transaction it may go on saying that there is no such table.
    let exists: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname = $1 AND c.relname = $2)",
    )
    .bind(written.sql("{schema}"))
    .bind(written.sql("{prefix}session_schema"))
    .fetch_one(&mut *connection)
    .await?;
    if !exists {
        return Ok(None);
    }
    let newest = written.sql("SELECT max(version) FROM {session_schema}");
    sqlx::query_scalar(AssertSqlSafe(newest)).fetch_one(connection).await
}
