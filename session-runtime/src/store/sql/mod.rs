//! What the stores in SQL databases have in common.

pub(super) mod columns;
pub(super) mod connections;
pub(super) mod lists;
pub(super) mod names;
#[cfg_attr(not(feature = "postgres"), allow(dead_code, reason = "SQLite has one such statement, MySQL none"))]
pub(super) mod new_secret;
#[cfg_attr(
    not(any(feature = "postgres", feature = "sqlite")),
    allow(dead_code, reason = "MySQL has no such statements")
)]
pub(super) mod one_field;
pub(super) mod schema;
pub(super) mod statements;

// SQLite has no server.
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod answer;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod call;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod micros;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod parameters;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod pool;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod records;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(super) mod server;
