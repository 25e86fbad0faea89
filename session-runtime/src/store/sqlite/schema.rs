//! The tables, and the view and the triggers that are the commit procedure.

use sqlx::{AssertSqlSafe, SqliteConnection, SqlitePool};

use crate::store::sql::names::{TableNames, Written};
use crate::store::sql::schema::{SchemaError, known};

/// The names as SQLite writes them.
pub(super) fn written(names: &TableNames) -> Result<Written<'_>, SchemaError> {
    names.schema().map_or_else(|| Ok(Written::new(names, None, '"')), |_| Err(SchemaError::NoSchemas))
}

/// What makes everything.
pub(super) fn sql(names: Written<'_>) -> String {
    names.sql(include_str!("schema.sql"))
}

/// Creates what is not there. Several processes may do so at once: the first to write makes it, the others find it.
pub(super) async fn create(pool: &SqlitePool, names: Written<'_>) -> Result<(), SchemaError> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    check_encoding(&mut transaction).await?;
    if let Some(version) = version(&mut transaction, names).await? {
        return known(version);
    }
    sqlx::raw_sql(AssertSqlSafe(sql(names))).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// Says what is wrong where not all is there already.
pub(super) async fn check(pool: &SqlitePool, names: Written<'_>) -> Result<(), SchemaError> {
    let missing = || SchemaError::Missing { store: "SqliteStore", table: names.sql("{session_schema}") };
    let mut connection = pool.acquire().await?;
    check_encoding(&mut connection).await?;
    known(version(&mut connection, names).await?.ok_or_else(missing)?)
}

/// A load's answer is a text with values in it, which SQLite would take for UTF-16 in such a database.
async fn check_encoding(connection: &mut SqliteConnection) -> Result<(), SchemaError> {
    let encoding: String = sqlx::query_scalar("SELECT encoding FROM pragma_encoding").fetch_one(connection).await?;
    if encoding == "UTF-8" { Ok(()) } else { Err(SchemaError::Encoding(encoding)) }
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut SqliteConnection, names: Written<'_>) -> Result<Option<i64>, sqlx::Error> {
    let exists: bool = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = ?1")
        .bind(names.sql("{prefix}session_schema"))
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(None);
    }
    let newest = names.sql("SELECT max(version) FROM {session_schema}");
    sqlx::query_scalar(AssertSqlSafe(newest)).fetch_one(connection).await
}
