//! MySQL's and MariaDB's SQL, and its parameters: lists are JSON.

use std::time::SystemTime;

use sqlx::mysql::{MySql, MySqlConnection};

use super::schema;
use crate::record::{ChangeSet, Guard, Select};
use crate::store::sql::lists::{self, json, revision};
use crate::store::sql::names::{TableNames, Written};
use crate::store::sql::parameters::{Bind as _, end, ttl};
use crate::store::sql::schema::SchemaError;
use crate::store::sql::server::Dialect;
use crate::store::sql::statements::{self, Statements};
use crate::token::SessionId;

type Bound<'q> = statements::Bound<'q, MySql>;

impl Dialect for MySql {
    const STATEMENTS: Statements<&'static str> = Statements {
        load: "CALL {session_load}('found', ?, ?, ?)",
        commit: "CALL {session_commit}(?, ?, ?, ?, ?, ?, ?, ?, FALSE, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        one_field: None,
        begin: None,
        supersede: None,
        destroy: "CALL {session_commit}(
            ?, ?, NULL, NULL, NULL, NULL, ?, ?, TRUE, '[]', '[]', '', '[]', '[]',
            NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, FALSE, NULL)",
        find: "SELECT session_id FROM {session_index} WHERE digest = UNHEX(SHA2(?, 256)) AND name = ? AND value = ?",
        sweep: "CALL {session_sweep}(?, ?, ?)",
    };

    fn written(names: &TableNames) -> Written<'_> {
        Written::new(names, names.schema(), '`')
    }

    async fn check_settings(connection: &mut MySqlConnection) -> Result<(), SchemaError> {
        schema::check_autocommit(connection).await
    }

    async fn version(connection: &mut MySqlConnection, names: &TableNames) -> Result<Option<i64>, sqlx::Error> {
        schema::version(connection, names).await
    }

    async fn make(connection: MySqlConnection, names: &TableNames) -> Result<(), SchemaError> {
        schema::make(connection, names).await
    }

    fn load<'q>(query: Bound<'q>, id: &'q SessionId, select: &[Select], now: Option<SystemTime>) -> Bound<'q> {
        let wanted: Vec<_> = select.iter().map(|select| (select.key, u8::from(select.value))).collect();
        query.id(id).now(now).bind(json(&wanted))
    }

    /// In the order of `session_commit`.
    fn commit<'q>(query: Bound<'q>, id: &'q SessionId, changes: &'q ChangeSet, now: Option<SystemTime>) -> Bound<'q> {
        lists(query.id(id).now(now).basis(&changes.basis), changes).rotate(changes).times(changes)
    }

    fn destroy<'q>(query: Bound<'q>, id: &'q SessionId, guard: &'q Guard, now: Option<SystemTime>) -> Bound<'q> {
        query.id(id).now(now).guard(guard)
    }

    fn find<'q>(query: Bound<'q>, index: &'q str, value: &'q str) -> Bound<'q> {
        query.bind(value.as_bytes()).bind(index.as_bytes()).bind(value.as_bytes())
    }

    fn sweep(query: Bound<'_>, [most, most_ended]: [i64; 2], now: Option<SystemTime>) -> Bound<'_> {
        query.now(now).bind(most).bind(most_ended)
    }
}

fn lists<'q>(query: Bound<'q>, ChangeSet { expect, set, remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    // That the value is wanted is for `session_load`, which takes this list to tell of a conflict.
    let expect: Vec<_> = expect.iter().map(|expect| (expect.key, 1, expect.revision.map(revision))).collect();
    let (sets, payload) = lists::sets(set, |expiry| (ttl(expiry), end(expiry)));
    query.bind(json(&expect)).bind(sets).bind(payload).bind(json(remove)).bind(lists::indexes(index))
}
