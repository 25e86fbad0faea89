//! What PostgreSQL's errors mean.

use std::time::SystemTime;

use sqlx::Error;
use sqlx::postgres::{PgConnection, PgDatabaseError, PgRow, PgSeverity, Postgres};

use crate::store::sql::call::Server;
use crate::store::sql::columns::Times;
use crate::store::sql::micros::Micros;
use crate::store::sql::statements::Bound;

impl Times for Postgres {
    fn time_of(number: i64) -> SystemTime {
        Micros::time(number)
    }
}

impl Server for Postgres {
    const STORE: &'static str = "PostgresStore";

    async fn fetch<'q>(connection: &mut PgConnection, statement: Bound<'q, Self>) -> Result<Vec<PgRow>, Error> {
        statement.fetch_all(connection).await
    }

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
            // The message is in the server's language.
            "0A000" => error.routine() == Some("RevalidateCachedQuery"),
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
