//! Change sets as the parameters of `commit.sql`.

use std::time::{Duration, SystemTime};

use serde::Serialize;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::columns::Nanos;
use crate::record::{Basis, ChangeSet, Create, Epoch, Guard, Revision, RotateKind, Select, SetField, later};
use crate::token::{SecretHash, SessionId};

/// What the commit procedure is told.
pub(super) struct Parameters<'a> {
    id: SessionId,
    changes: std::borrow::Cow<'a, ChangeSet>,
    now: SystemTime,
    destroy: bool,
}

/// One element of the JSON list `sets`: key, offset and length in the payload, revision, expiry.
type Set<'a> = (&'a str, usize, Option<usize>, i64, Option<i64>);

impl<'a> Parameters<'a> {
    pub(super) fn commit(id: SessionId, changes: &'a ChangeSet, now: SystemTime) -> Self {
        Self { id, changes: std::borrow::Cow::Borrowed(changes), now, destroy: false }
    }

    pub(super) fn destroy(id: SessionId, guard: Guard, now: SystemTime) -> Self {
        let changes = std::borrow::Cow::Owned(ChangeSet::new(Basis::Guard(guard)));
        Self { id, changes, now, destroy: true }
    }

    pub(super) fn bind<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
        let query = query.bind(self.id.as_bytes().to_vec()).bind(Nanos::of(self.now));
        let query = self.bind_fields(self.bind_basis(query));
        self.bind_meta(query)
    }

    fn bind_basis<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
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

    fn bind_fields<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
        let ChangeSet { expect, remove, index, .. } = &*self.changes;
        let expect: Vec<_> = expect.iter().map(|expect| (expect.key, expect.revision.map(revision))).collect();
        let index: Vec<_> = index.iter().map(|change| (change.index, &change.value)).collect();
        let (sets, payload) = self.sets();
        query.bind(json(&expect)).bind(json(&sets)).bind(payload).bind(json(remove)).bind(json(&index))
    }

    /// The values go as they are, one after the other in one blob: JSON has no bytes.
    fn sets(&self) -> (Vec<Set<'_>>, Vec<u8>) {
        let mut payload = Vec::new();
        let sets = self.changes.set.iter().map(|field| self.set(field, &mut payload)).collect();
        (sets, payload)
    }

    fn set<'f>(&self, field: &'f SetField, payload: &mut Vec<u8>) -> Set<'f> {
        let SetField { key, value, revision: of, expiry } = field;
        // SQL counts from 1.
        let offset = payload.len() + 1;
        payload.extend(value.iter().flatten());
        (key, offset, value.as_ref().map(|value| value.len()), revision(*of), expiry.at(self.now).map(Nanos::of))
    }

    fn bind_meta<'q>(&self, query: Query<'q, Sqlite, SqliteArguments>) -> Query<'q, Sqlite, SqliteArguments> {
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
            // As in `touch_is_due`: the move must be more than a tenth.
            .bind(touch.map(|idle| self.after(idle - idle / 10)))
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

/// The JSON list of `load.sql`.
pub(super) fn selected(select: &[Select]) -> String {
    json(&select.iter().map(|select| (select.key, select.value)).collect::<Vec<_>>())
}

fn json<T: Serialize>(list: &[T]) -> String {
    serde_json::to_string(list).expect("lists of strings and numbers are JSON")
}

fn revision(revision: Revision) -> i64 {
    i64::from_be_bytes(*revision.as_bytes())
}

fn hash(hash: &SecretHash) -> Vec<u8> {
    hash.as_bytes().to_vec()
}

fn mark(epoch: &Epoch) -> Vec<u8> {
    epoch.as_bytes().to_vec()
}
