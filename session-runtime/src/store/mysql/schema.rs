//! The tables and procedures: made when they are not there, and of a version that this crate knows.

use sqlx::mysql::MySqlConnection;

use crate::store::sql::call::CallError;

const VERSION: i64 = 1;

/// What makes everything.
pub(super) const SQL: &str = include_str!("schema.sql");

/// Why there is nothing to keep sessions in.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    #[error("schema missing: run what `MySqlStore::schema_sql()` gives, on this database")]
    Missing,
    #[error("its session tables have version {0}; this program knows {VERSION}: update it")]
    Newer(i64),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

impl From<SchemaError> for CallError {
    fn from(error: SchemaError) -> Self {
        Self::Schema(error.into())
    }
}

/// Creates what is not there. Several nodes may do so at once. The connection is not to be used again: the lock under which
/// tables are made ends with it.
pub(super) async fn create(mut connection: MySqlConnection) -> Result<(), SchemaError> {
    // Without the lock first: a server that only reads may have them.
    if let Some(version) = version(&mut connection).await? {
        return known(version);
    }
    // Whoever does not get it in this time is not waited for any more.
    sqlx::query("SELECT GET_LOCK(CONCAT('session_schema ', MD5(DATABASE())), 60)").execute(&mut connection).await?;
    if let Some(version) = version(&mut connection).await? {
        return known(version);
    }
    sqlx::raw_sql(SQL).execute(&mut connection).await?;
    Ok(())
}

/// Says what is wrong where not all is there already.
pub(super) async fn check(connection: &mut MySqlConnection) -> Result<(), SchemaError> {
    known(version(connection).await?.ok_or(SchemaError::Missing)?)
}

fn known(version: i64) -> Result<(), SchemaError> {
    if version > VERSION { Err(SchemaError::Newer(version)) } else { Ok(()) }
}

/// The version of the tables; `None` where there are none, or not all.
async fn version(connection: &mut MySqlConnection) -> Result<Option<i64>, sqlx::Error> {
    let tables: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'session_schema'",
    )
    .fetch_one(&mut *connection)
    .await?;
    if tables == 0 {
        return Ok(None);
    }
    sqlx::query_scalar("SELECT MAX(version) FROM session_schema").fetch_one(connection).await
}
