//! The tables and procedures.

use sqlx::mysql::{MySql, MySqlConnection};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::store::sql::names::TableNames;
use crate::store::sql::schema::{SchemaError, known};
use crate::store::sql::server::Dialect as _;

/// What makes everything.
pub(super) fn sql(names: &TableNames) -> String {
    let written = MySql::written(names);
    let database = names.schema().map(|_| written.sql("CREATE DATABASE IF NOT EXISTS `{schema}`;\n"));
    database.unwrap_or_default() + &written.sql(include_str!("schema.sql"))
}

/// Without it a load begins a transaction that nothing ends.
pub(super) async fn check_autocommit(connection: &mut MySqlConnection) -> Result<(), SchemaError> {
    let is_on: bool = sqlx::query_scalar("SELECT @@autocommit = 1").fetch_one(connection).await?;
    if is_on { Ok(()) } else { Err(SchemaError::NoAutocommit) }
}

/// Turns it on, for connections of our own.
pub(super) async fn autocommit(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SET autocommit = 1").execute(connection).await.map(drop)
}

pub(super) async fn make(mut connection: MySqlConnection, names: &TableNames) -> Result<(), SchemaError> {
    autocommit(&mut connection).await?;
    // It ends with the connection. Whoever does not get it in this time is not waited for any more.
    sqlx::query("SELECT GET_LOCK(CONCAT('session_schema ', MD5(CONCAT(COALESCE(?, DATABASE()), '.', ?))), 60)")
        .bind(names.schema())
        .bind(table(names))
        .execute(&mut connection)
        .await?;
    if let Some(version) = version(&mut connection, names).await? {
        return known(version);
    }
    sqlx::raw_sql(AssertSqlSafe(sql(names))).execute(&mut connection).await?;
    // It has done its work, however it ends.
    let _ = connection.close().await;
    Ok(())
}

/// `None` too where not all is there.
pub(super) async fn version(connection: &mut MySqlConnection, names: &TableNames) -> Result<Option<i64>, sqlx::Error> {
    let tables: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM information_schema.tables
          WHERE table_schema = COALESCE(?, DATABASE()) AND table_name = ?",
    )
    .bind(names.schema())
    .bind(table(names))
    .fetch_one(&mut *connection)
    .await?;
    if tables == 0 {
        return Ok(None);
    }
    let newest = MySql::written(names).sql("SELECT MAX(version) FROM {session_schema}");
    sqlx::query_scalar(AssertSqlSafe(newest)).fetch_one(connection).await
}

/// The table with the version.
fn table(names: &TableNames) -> String {
    MySql::written(names).sql("{prefix}session_schema")
}
