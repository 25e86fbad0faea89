//! What is PostgreSQL's own about rows and errors.

use std::time::SystemTime;

use sqlx::postgres::{PgDatabaseError, PgRow, PgSeverity, Postgres};
use sqlx::{Error, Row as _};

use crate::store::sql::call::Server;
use crate::store::sql::columns::Columns;
use crate::store::sql::micros::Micros;

impl Columns for PgRow {
    fn integer(&self, name: &str) -> Result<Option<i64>, Error> {
        self.try_get(name)
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        self.try_get(name)
    }

    fn bytes(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        self.try_get(name)
    }

    fn text(&self, name: &str) -> Result<String, Error> {
        self.try_get(name)
    }

    fn time_of(number: i64) -> SystemTime {
        Micros::time(number)
    }
}

impl Server for Postgres {
    const STORE: &'static str = "PostgresStore";

    /// One that closes the connection (`FATAL`) does not say.
    fn is_refusal(error: &Error) -> bool {
        /// Transaction resolution unknown, statement completion unknown: said by what stands between us and a server.
        const UNKNOWN: [&str; 2] = ["08007", "40003"];
        let is_known = |error: &PgDatabaseError| !UNKNOWN.contains(&error.code());
        told(error).is_some_and(|error| error.severity() == PgSeverity::Error && is_known(error))
    }

    /// After `DISCARD`, by a pooler between us, or when its tables were made anew.
    fn is_stale_statement(error: &Error) -> bool {
        told(error).is_some_and(|error| match error.code() {
            "26000" => true,
            "0A000" => error.message().contains("cached plan"),
            _ => false,
        })
    }

    fn is_collision(error: &Error) -> bool {
        told(error).is_some_and(|error| matches!(error.code(), "40001" | "40P01"))
    }
}

fn told(error: &Error) -> Option<&PgDatabaseError> {
    error.as_database_error()?.try_downcast_ref()
}
