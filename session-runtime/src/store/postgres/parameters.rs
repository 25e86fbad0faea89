//! Change sets as the parameters of `session_commit`, in the order of `session_change`.

use std::time::SystemTime;

use super::statements::Bound;
use crate::record::{ChangeSet, Select};
use crate::store::sql::lists::revision;
use crate::store::sql::parameters::{Bind, end, ttl};
use crate::token::SessionId;

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

pub(super) fn commit<'q>(
    query: Bound<'q>,
    id: &'q SessionId,
    changes: &'q ChangeSet,
    now: Option<SystemTime>,
) -> Bound<'q> {
    lists(query.id(id).now(now).basis(&changes.basis), changes).rotate(changes).times(changes)
}

/// One array for each column of each list.
fn lists<'q>(query: Bound<'q>, ChangeSet { expect, set, remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    query
        .bind(list(expect, |expect| expect.key))
        .bind(list(expect, |expect| expect.revision.map(revision)))
        .bind(list(set, |field| field.key))
        .bind(list(set, |field| field.value.as_deref()))
        .bind(list(set, |field| revision(field.revision)))
        .bind(list(set, |field| ttl(field.expiry)))
        .bind(list(set, |field| end(field.expiry)))
        .bind(remove.as_slice())
        .bind(list(index, |change| change.index))
        .bind(list(index, |change| change.value.as_deref().map(str::as_bytes)))
}

pub(super) fn load<'q>(query: Bound<'q>, id: &'q SessionId, select: &[Select], now: Option<SystemTime>) -> Bound<'q> {
    let query = query.id(id).now(now);
    query.bind(list(select, |select| select.key)).bind(list(select, |select| select.value))
}

fn list<'l, T, P>(list: &'l [T], part: impl Fn(&'l T) -> P) -> Vec<P> {
    list.iter().map(part).collect()
}
