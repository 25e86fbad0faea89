//! The tables and functions: made when they are not there, and of a version that this crate knows.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::store::sql::call::CallError;

const VERSION: i64 = 1;

/// The advisory lock under which tables are made, so that of several nodes that begin at once one makes them.
const LOCK: i64 = i64::from_be_bytes(*b"sessions");

/// The name of a PostgreSQL schema, which may stand in a statement as it is.
#[derive(Clone, Debug)]
pub(super) struct SchemaName(String);

impl SchemaName {
    /// PostgreSQL cuts off what is longer, in bytes.
    const LONGEST: usize = 63;

    pub(super) fn new(name: &str) -> Result<Self, SchemaError> {
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let begins = name.bytes().next().is_some_and(|first| !first.is_ascii_digit());
        if is_word && begins && name.len() <= Self::LONGEST {
            Ok(Self(name.into()))
        } else {
            Err(SchemaError::Name(name.into()))
        }
    }

    /// The statement, with this schema in it.
    pub(super) fn name_in(&self, statement: &str) -> String {
        statement.replace("{schema}", &self.0)
    }

    /// The statements that make everything.
    pub(super) fn sql(&self) -> String {
        self.name_in(include_str!("schema.sql"))
    }
}

/// Why there is nothing to keep sessions in.
#[derive(Debug, thiserror::Error)]
pub(super) enum SchemaError {
    #[error("{0:?} is no name for a schema: up to 63 ASCII letters, digits and underscores, the first no digit")]
    Name(String),
    #[error("schema missing: run what `PostgresStore::schema_sql({0:?})` gives, on this database")]
    Missing(String),
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

/// Creates what is not there. Several nodes may do so at once.
pub(super) async fn create(connection: &mut PgConnection, schema: &SchemaName) -> Result<(), SchemaError> {
    // Without the lock first: a server that only reads may have them.
    if let Some(version) = version(connection, schema).await? {
        return known(version);
    }
    // In any other level, what another node has made while we waited would not be seen.
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *transaction).await?;
    if let Some(version) = version(&mut transaction, schema).await? {
        return known(version);
    }
    sqlx::raw_sql(AssertSqlSafe(schema.sql())).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

/// Says what is wrong where not all is there already.
pub(super) async fn check(connection: &mut PgConnection, schema: &SchemaName) -> Result<(), SchemaError> {
    match version(connection, schema).await? {
        Some(version) => known(version),
        None => Err(SchemaError::Missing(schema.0.clone())),
    }
}

fn known(version: i64) -> Result<(), SchemaError> {
    if version > VERSION { Err(SchemaError::Newer(version)) } else { Ok(()) }
}

/// The version of the tables; `None` where there are none.
async fn version(connection: &mut PgConnection, schema: &SchemaName) -> Result<Option<i64>, sqlx::Error> {
    // Not `to_regclass`: within a transaction it may go on saying that there is no such table.
    let exists: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                         WHERE n.nspname = $1 AND c.relname = 'session_schema')",
    )
    .bind(&schema.0)
    .fetch_one(&mut *connection)
    .await?;
    if !exists {
        return Ok(None);
    }
    let newest = schema.name_in(r#"SELECT max(version) FROM "{schema}".session_schema"#);
    sqlx::query_scalar(AssertSqlSafe(newest)).fetch_one(connection).await
}

#[cfg(test)]
mod tests {
    use super::SchemaName;

    #[test]
    fn a_schemas_name_is_a_plain_word() {
        for name in ["public", "sessions", "Shop_2", "_", &"a".repeat(63)] {
            SchemaName::new(name).unwrap_or_else(|error| panic!("{error}"));
        }
        for name in ["", "2nd", "a b", "a\"b", "a'b", "a;b", "é", "a\0", "a.b", "{schema}", &"a".repeat(64)] {
            SchemaName::new(name).expect_err(name);
        }
    }
}
