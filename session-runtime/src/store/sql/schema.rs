//! What a store needs in its database: there, and of a version that this crate knows.

/// The version of the tables that this crate makes.
pub(in crate::store) const VERSION: i64 = 1;

/// Why there is nothing to keep sessions in.
#[derive(Debug, thiserror::Error)]
pub(in crate::store) enum SchemaError {
    #[error(
        "schema missing: there is no {table}; run what `{store}::schema_sql` gives for these names, on this database"
    )]
    Missing { store: &'static str, table: String },
    #[error("its session tables have version {0}; this program knows {VERSION}: update it")]
    Newer(i64),
    #[cfg(feature = "postgres")]
    #[error(
        "the pool's transactions have the isolation level {0}, and sessions need READ COMMITTED: set \
         `default_transaction_isolation` for its connections"
    )]
    Isolation(String),
    #[cfg(feature = "mysql")]
    #[error(
        "the pool's connections have `autocommit` off, so that each would read what was there long ago: turn it on for them"
    )]
    NoAutocommit,
    #[cfg(feature = "sqlite")]
    #[error("SQLite has no schemas: leave out `in_schema`; stores in one file are told apart by `with_prefix`")]
    NoSchemas,
    #[cfg(feature = "sqlite")]
    #[error(
        "the database's encoding is {0}, and session data needs UTF-8: keep sessions in a file of their own, by `open`"
    )]
    Encoding(String),
    #[error(transparent)]
    Database(#[from] sqlx::Error),
}

/// Whether tables of this version can be used.
pub(in crate::store) fn known(version: i64) -> Result<(), SchemaError> {
    if version > VERSION { Err(SchemaError::Newer(version)) } else { Ok(()) }
}
