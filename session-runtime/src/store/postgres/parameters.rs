//! Change sets as the parameters of `session_commit`, in the order of `session_change`.

use std::time::{Duration, SystemTime};

use super::columns::Micros;
use super::statements::Bound;
use crate::record::{Basis, ChangeSet, Create, Epoch, Expiry, Guard, Revision, RotateKind, Select};
use crate::token::{SecretHash, SessionId};

pub(super) fn commit<'q>(
    query: Bound<'q>,
    id: &'q SessionId,
    changes: &'q ChangeSet,
    now: Option<SystemTime>,
) -> Bound<'q> {
    let query = query.bind(id.as_bytes().as_slice()).bind(time(now));
    let query = lists(fields(basis(query, &changes.basis), changes), changes);
    durations(rotate(query, changes), changes)
}

fn basis<'q>(query: Bound<'q>, basis: &'q Basis) -> Bound<'q> {
    let (create, secret, epoch) = match basis {
        Basis::Create(create) => (Some(create), None, None),
        Basis::Guard(of) => {
            let (secret, epoch) = guard(of);
            (None, secret, epoch)
        }
    };
    let life = |of: fn(&Create) -> Duration| create.map(|create| Micros::of_duration(of(create)));
    query
        .bind(create.map(|create| hash(&create.secret_hash)))
        .bind(create.map(|create| mark(&create.epoch)))
        .bind(life(|create| create.idle))
        .bind(life(|create| create.absolute))
        .bind(secret)
        .bind(epoch)
}

/// The secret or the epoch; neither where any may.
pub(super) fn guard(guard: &Guard) -> (Option<&[u8]>, Option<&[u8]>) {
    match guard {
        Guard::Secret(secret) => (Some(hash(secret)), None),
        Guard::Epoch(epoch) => (None, Some(mark(epoch))),
        Guard::Any => (None, None),
    }
}

fn fields<'q>(query: Bound<'q>, ChangeSet { expect, set, .. }: &'q ChangeSet) -> Bound<'q> {
    query
        .bind(list(expect, |expect| expect.key))
        .bind(list(expect, |expect| expect.revision.map(revision)))
        .bind(list(set, |field| field.key))
        .bind(list(set, |field| field.value.as_deref()))
        .bind(list(set, |field| revision(field.revision)))
        .bind(list(set, |field| ttl(field.expiry)))
        .bind(list(set, |field| end(field.expiry)))
}

fn lists<'q>(query: Bound<'q>, ChangeSet { remove, index, .. }: &'q ChangeSet) -> Bound<'q> {
    query
        .bind(remove.as_slice())
        .bind(list(index, |change| change.index))
        .bind(list(index, |change| change.value.as_deref().map(str::as_bytes)))
}

fn rotate<'q>(query: Bound<'q>, ChangeSet { rotate, .. }: &'q ChangeSet) -> Bound<'q> {
    let (seen, epoch, recognised) = match rotate.as_ref().map(|rotate| &rotate.kind) {
        Some(RotateKind::Renew(seen)) => (Some(hash(seen)), None, None),
        Some(RotateKind::Supersede(epoch, recognised)) => (None, Some(mark(epoch)), Some(*recognised)),
        None => (None, None, None),
    };
    query
        .bind(rotate.as_ref().map(|rotate| hash(&rotate.from)))
        .bind(rotate.as_ref().map(|rotate| hash(&rotate.to)))
        .bind(seen)
        .bind(epoch)
        .bind(recognised.map(Micros::of_duration))
}

fn durations<'q>(query: Bound<'q>, changes: &ChangeSet) -> Bound<'q> {
    query
        .bind(changes.touch.map(Micros::of_duration))
        .bind(changes.absolute.map(Micros::of_duration))
        .bind(changes.remember.map(Micros::of_duration))
        .bind(changes.authenticated)
        .bind(changes.retire_previous.map(Micros::of_duration))
}

pub(super) fn load<'q>(query: Bound<'q>, id: &'q SessionId, select: &[Select], now: Option<SystemTime>) -> Bound<'q> {
    let query = query.bind(id.as_bytes().as_slice()).bind(time(now));
    query.bind(list(select, |select| select.key)).bind(list(select, |select| select.value))
}

/// `None` where the server's clock decides.
pub(super) fn time(now: Option<SystemTime>) -> Option<i64> {
    now.map(Micros::of)
}

fn ttl(expiry: Expiry) -> Option<i64> {
    match expiry {
        Expiry::After(ttl) => Some(Micros::of_duration(ttl)),
        Expiry::At(_) | Expiry::Never => None,
    }
}

fn end(expiry: Expiry) -> Option<i64> {
    match expiry {
        Expiry::At(time) => Some(Micros::of(time)),
        Expiry::After(_) | Expiry::Never => None,
    }
}

/// One column of a list, as an array.
fn list<'l, T, P>(list: &'l [T], part: impl Fn(&'l T) -> P) -> Vec<P> {
    list.iter().map(part).collect()
}

fn revision(revision: Revision) -> i64 {
    i64::from_be_bytes(*revision.as_bytes())
}

fn hash(hash: &SecretHash) -> &[u8] {
    hash.as_bytes()
}

fn mark(epoch: &Epoch) -> &[u8] {
    epoch.as_bytes()
}
