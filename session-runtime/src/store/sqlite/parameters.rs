//! Change sets as the parameters of `commit.sql`.

use std::time::{Duration, SystemTime};

use sqlx::Sqlite;

use super::times::Nanos;
use crate::record::{Basis, ChangeSet, Create, Epoch, Guard, RotateKind, Select, SetField, later};
use crate::store::sql::lists::{self, json, revision};
use crate::store::sql::one_field::OneField;
use crate::store::sql::statements;
use crate::token::{SecretHash, SessionId};

/// A statement with what it is told.
type Bound<'q> = statements::Bound<'q, Sqlite>;

/// What the commit procedure is told.
pub(super) struct Parameters<'a> {
    id: SessionId,
    changes: std::borrow::Cow<'a, ChangeSet>,
    now: SystemTime,
    destroy: bool,
}

impl<'a> Parameters<'a> {
    pub(super) fn commit(id: SessionId, changes: &'a ChangeSet, now: SystemTime) -> Self {
        Self { id, changes: std::borrow::Cow::Borrowed(changes), now, destroy: false }
    }

    pub(super) fn destroy(id: SessionId, guard: Guard, now: SystemTime) -> Self {
        let changes = std::borrow::Cow::Owned(ChangeSet::new(Basis::Guard(guard)));
        Self { id, changes, now, destroy: true }
    }

    pub(super) fn bind<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        let query = query.bind(self.id.as_bytes().to_vec()).bind(Nanos::of(self.now));
        let query = self.bind_fields(self.bind_basis(query));
        self.bind_meta(query)
    }

    fn bind_basis<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        let (create, secret, epoch) = match &self.changes.basis {
            Basis::Create(create) => (Some(create), None, None),
            Basis::Guard(Guard::Secret(hash)) => (None, Some(hash), None),
            Basis::Guard(Guard::Epoch(epoch)) => (None, None, Some(epoch)),
            Basis::Guard(Guard::Any) => (None, None, None),
        };
        let deadline = |of: fn(&Create) -> Duration| create.map(|create| self.after(of(create)));
        query
            .bind(create.map(|create| hash(&create.secret_hash)))
            .bind(create.map(|create| mark(&create.epoch)))
            .bind(deadline(|create| create.idle))
            .bind(deadline(|create| create.absolute))
            .bind(secret.map(hash))
            .bind(epoch.map(mark))
            .bind(self.destroy)
    }

    fn bind_fields<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        let ChangeSet { expect, set, remove, index, .. } = &*self.changes;
        let expect: Vec<_> = expect.iter().map(|expect| (expect.key, expect.revision.map(revision))).collect();
        let query = query.bind(some(&expect, json));
        let query = sets(query, set, self.now).bind(some(remove, json));
        let entry = index.first();
        query
            .bind(entry.map(|entry| entry.index))
            .bind(entry.and_then(|entry| entry.value.clone()))
            .bind(some(rest(index), lists::indexes))
    }

    fn bind_meta<'q>(&self, query: Bound<'q>) -> Bound<'q> {
        let ChangeSet { rotate, touch, absolute, remember, authenticated, retire_previous, .. } = &*self.changes;
        let (epoch, until, seen) = match rotate.as_ref().map(|rotate| rotate.kind) {
            Some(RotateKind::Supersede(epoch, recognised)) => (Some(mark(&epoch)), Some(self.after(recognised)), None),
            Some(RotateKind::Renew(seen)) => (None, None, Some(hash(&seen))),
            None => (None, None, None),
        };
        query
            .bind(rotate.as_ref().map(|rotate| hash(&rotate.from)))
            .bind(rotate.as_ref().map(|rotate| hash(&rotate.to)))
            .bind(epoch)
            .bind(until)
            .bind(seen)
            .bind(touch.map(|idle| touch_before(self.now, idle)))
            .bind(touch.map(|idle| self.after(idle)))
            .bind(absolute.map(|absolute| self.after(absolute)))
            .bind(remember.map(|life| self.after(life)))
            .bind(*authenticated)
            .bind(retire_previous.map(|grace| self.after(grace)))
    }

    fn after(&self, duration: Duration) -> i64 {
        Nanos::of(later(self.now, duration))
    }
}

/// The first field that is set, and the others.
fn sets<'q>(query: Bound<'q>, set: &[SetField], now: SystemTime) -> Bound<'q> {
    let first = set.first();
    let others = (set.len() > 1).then(|| lists::sets(rest(set), |expiry| expiry.at(now).map(Nanos::of)));
    let (sets, payload) = others.unzip();
    query
        .bind(first.map(|field| field.key))
        .bind(first.and_then(|field| field.value.as_deref()).map(<[u8]>::to_vec))
        .bind(first.map(|field| revision(field.revision)))
        .bind(first.and_then(|field| field.expiry.at(now)).map(Nanos::of))
        .bind(sets)
        .bind(payload)
}

/// All but the first.
fn rest<T>(list: &[T]) -> &[T] {
    list.split_first().map_or(&[], |(_, rest)| rest)
}

/// Nothing instead of an empty list.
fn some<T>(list: &[T], text: impl FnOnce(&[T]) -> String) -> Option<String> {
    (!list.is_empty()).then(|| text(list))
}

/// What `begin.sql` is told. How long the session may be idle, and how long it lives.
pub(super) fn begin<'q>(
    query: Bound<'q>,
    id: SessionId,
    create: &Create,
    lives: [Duration; 2],
    changes: &ChangeSet,
    now: SystemTime,
) -> Bound<'q> {
    let [idle, absolute] = lives.map(|life| Nanos::of(later(now, life)));
    let query = query.bind(id.as_bytes().to_vec()).bind(Nanos::of(now));
    let query = query.bind(hash(&create.secret_hash)).bind(mark(&create.epoch)).bind(idle).bind(absolute);
    sets(query.bind(changes.authenticated).bind(changes.remember.is_some()), &changes.set, now)
}

/// What `set.sql` and `swap.sql` are told.
pub(super) fn one_field<'q>(query: Bound<'q>, id: SessionId, change: &OneField<'_>, now: SystemTime) -> Bound<'q> {
    let OneField { guard, field, seen, touch, retires } = change;
    let (secret, epoch) = match guard {
        Guard::Secret(secret) => (Some(hash(secret)), None),
        Guard::Epoch(epoch) => (None, Some(mark(epoch))),
        Guard::Any => (None, None),
    };
    let query = query
        .bind(id.as_bytes().to_vec())
        .bind(Nanos::of(now))
        .bind(secret)
        .bind(epoch)
        .bind(touch.map(|idle| touch_before(now, idle)))
        .bind(*retires)
        .bind(field.key)
        .bind(field.value.as_deref().map(<[u8]>::to_vec))
        .bind(revision(field.revision))
        .bind(field.expiry.at(now).map(Nanos::of));
    match seen {
        Some(seen) => query.bind(revision(*seen)),
        None => query,
    }
}

/// Idle deadlines before this are to be moved, as in `touch_is_due`: by more than a tenth.
fn touch_before(now: SystemTime, idle: Duration) -> i64 {
    Nanos::of(later(now, idle - idle / 10))
}

/// A list of names of `load.sql`.
pub(super) fn names<'s>(selected: impl Iterator<Item = &'s Select>) -> String {
    selected.fold(String::from("\0"), |names, select| names + select.key + "\0")
}

fn hash(hash: &SecretHash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}

fn mark(epoch: &Epoch) -> Vec<u8> {
    epoch.as_bytes().to_vec()
}
