//! Change sets as the parameters of `session_commit`, in its order.

use std::time::SystemTime;

use sqlx::mysql::{MySql, MySqlArguments};
use sqlx::query::Query;

use crate::record::{ChangeSet, Select};
use crate::store::sql::lists::{self, json, revision};
use crate::store::sql::parameters::{Bind, end, ttl};
use crate::token::SessionId;

/// A statement with what it is told.
pub(super) type Bound<'q> = Query<'q, MySql, MySqlArguments>;

impl<'q> Bind<'q> for Bound<'q> {
    fn bytes(self, bytes: Option<&'q [u8]>) -> Self {
        self.bind(bytes)
    }

    fn number(self, number: Option<i64>) -> Self {
        self.bind(number)
    }

    fn flag(self, flag: bool) -> Self {
        self.bind(flag)
    }
}

/// What a commit is to do, or a destruction on the same basis.
pub(super) fn commit<'q>(
    query: Bound<'q>,
    id: &'q SessionId,
    changes: &'q ChangeSet,
    destroys: bool,
    now: Option<SystemTime>,
) -> Bound<'q> {
    let query = query.id(id).now(now).basis(&changes.basis).flag(destroys);
    lists(query, changes).rotate(changes).times(changes)
}

fn lists<'q>(query: Bound<'q>, ChangeSet { expect, set, remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    // That the value is wanted is for `session_load`, which takes this list to tell of a conflict.
    let expect: Vec<_> = expect.iter().map(|expect| (expect.key, 1, expect.revision.map(revision))).collect();
    let (sets, payload) = lists::sets(set, |expiry| (ttl(expiry), end(expiry)));
    query.bind(json(&expect)).bind(sets).bind(payload).bind(json(remove)).bind(lists::indexes(index))
}

pub(super) fn load<'q>(query: Bound<'q>, id: &'q SessionId, select: &[Select], now: Option<SystemTime>) -> Bound<'q> {
    let wanted: Vec<_> = select.iter().map(|select| (select.key, u8::from(select.value))).collect();
    query.id(id).now(now).bind(json(&wanted))
}
