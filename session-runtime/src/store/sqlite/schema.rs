//! The tables: made when they are not there, and of a version that this crate knows.

use sqlx::SqlitePool;

const VERSION: i64 = 1;

/// Creates what is not there. Several processes may do so at once: the first to write makes it, the others find it.
pub(super) async fn create(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    let exists: bool = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE name = 'session_schema'")
        .fetch_one(&mut *transaction)
        .await?;
    if exists {
        let version: i64 =
            sqlx::query_scalar("SELECT max(version) FROM session_schema").fetch_one(&mut *transaction).await?;
        if version > VERSION {
            let newer = format!("its session tables have version {version}; this program knows {VERSION}: update it");
            return Err(sqlx::Error::Configuration(newer.into()));
        }
    } else {
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
