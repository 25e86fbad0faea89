//! What MySQL's and MariaDB's errors mean.

use std::time::SystemTime;

use sqlx::Error;
use sqlx::mysql::{MySql, MySqlConnection, MySqlDatabaseError, MySqlRow};

use crate::store::sql::call::Server;
use crate::store::sql::columns::Times;
use crate::store::sql::micros::Micros;
use crate::store::sql::statements::Bound;

impl Times for MySql {
    fn time_of(number: i64) -> SystemTime {
        Micros::time(number)
    }
}

impl Server for MySql {
    const STORE: &'static str = "MySqlStore";

    async fn fetch<'q>(connection: &mut MySqlConnection, statement: Bound<'q, Self>) -> Result<Vec<MySqlRow>, Error> {
        statement.fetch_all(connection).await
    }

    /// One that shuts down or closes the connection does not say.
    fn is_refusal(error: &Error) -> bool {
        /// Shutdown in progress, connection aborted, connection killed; statement interrupted, or longer than it may take: as its
        /// procedure was about to end, after its commit, perhaps.
        const UNKNOWN: [u16; 5] = [1053, 1152, 1927, 1317, 1969];
        number(error).is_some_and(|number| !UNKNOWN.contains(&number))
    }

    /// After a reset of the connection, by a pooler between us, or when its tables were made anew.
    fn is_stale_statement(error: &Error) -> bool {
        matches!(number(error), Some(1243 | 1615))
    }

    /// One that was killed, or took longer than the server lets it: no procedure handles that, so that none rolls back.
    fn may_leave_a_transaction(error: &Error) -> bool {
        matches!(number(error), Some(1317 | 1969))
    }

    /// A deadlock: on the gaps between rows that foreign keys lock.
    fn is_collision(error: &Error) -> bool {
        number(error) == Some(1213)
    }
}

fn number(error: &Error) -> Option<u16> {
    Some(error.as_database_error()?.try_downcast_ref::<MySqlDatabaseError>()?.number())
}
