//! Change sets as parameters, as far as servers take them in one form and order.

use std::time::{Duration, SystemTime};

use sqlx::{Database, Encode, Type};

use super::micros::Micros;
use super::statements::Bound;
use crate::record::{Basis, ChangeSet, Create, Epoch, Expiry, Guard, RotateKind};
use crate::token::{SecretHash, SessionId};

/// A statement that is told its parameters, one after the other; `None` is NULL.
pub(in crate::store) trait Bind<'q>: Sized {
    fn bytes(self, bytes: Option<&'q [u8]>) -> Self;
    fn number(self, number: Option<i64>) -> Self;
    fn flag(self, flag: bool) -> Self;

    fn duration(self, duration: Option<Duration>) -> Self {
        self.number(duration.map(Micros::of_duration))
    }

    /// `None` where the server's clock decides.
    fn now(self, now: Option<SystemTime>) -> Self {
        self.number(now.map(Micros::of))
    }

    fn id(self, id: &'q SessionId) -> Self {
        self.bytes(Some(id.as_bytes()))
    }

    /// The secret and the epoch; neither where any may.
    fn guard(self, guard: &'q Guard) -> Self {
        match guard {
            Guard::Secret(secret) => self.bytes(Some(hash(secret))).bytes(None),
            Guard::Epoch(epoch) => self.bytes(None).bytes(Some(mark(epoch))),
            Guard::Any => self.bytes(None).bytes(None),
        }
    }

    /// The first secret and epoch, how long the session lives, and the guard.
    fn basis(self, basis: &'q Basis) -> Self {
        match basis {
            Basis::Create(Create { secret_hash, epoch, idle, absolute }) => self
                .bytes(Some(hash(secret_hash)))
                .bytes(Some(mark(epoch)))
                .duration(Some(*idle))
                .duration(Some(*absolute))
                .guard(&Guard::Any),
            Basis::Guard(guard) => self.bytes(None).bytes(None).number(None).number(None).guard(guard),
        }
    }

    /// The secret before, the new one, the one that a renewal has seen; the new epoch, and how long the one before is known.
    fn rotate(self, ChangeSet { rotate, .. }: &'q ChangeSet) -> Self {
        let Some(rotate) = rotate else { return self.bytes(None).bytes(None).bytes(None).bytes(None).number(None) };
        let secrets = self.bytes(Some(hash(&rotate.from))).bytes(Some(hash(&rotate.to)));
        match &rotate.kind {
            RotateKind::Renew(seen) => secrets.bytes(Some(hash(seen))).bytes(None).number(None),
            RotateKind::Supersede(epoch, recognised) => {
                secrets.bytes(None).bytes(Some(mark(epoch))).duration(Some(*recognised))
            }
        }
    }

    /// What changes about the deadlines and the times.
    fn times(self, changes: &ChangeSet) -> Self {
        self.duration(changes.touch)
            .duration(changes.absolute)
            .duration(changes.remember)
            .flag(changes.authenticated)
            .duration(changes.retire_previous)
    }
}

impl<'q, DB: Database> Bind<'q> for Bound<'q, DB>
where
    Option<&'q [u8]>: Encode<'q, DB> + Type<DB>,
    Option<i64>: Encode<'q, DB> + Type<DB>,
    bool: Encode<'q, DB> + Type<DB>,
{
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

/// How long the field lives, where the server is to say until when.
pub(in crate::store) fn ttl(expiry: Expiry) -> Option<i64> {
    match expiry {
        Expiry::After(ttl) => Some(Micros::of_duration(ttl)),
        Expiry::At(_) | Expiry::Never => None,
    }
}

/// When the field ends, where that is known.
pub(in crate::store) fn end(expiry: Expiry) -> Option<i64> {
    match expiry {
        Expiry::At(time) => Some(Micros::of(time)),
        Expiry::After(_) | Expiry::Never => None,
    }
}

fn hash(hash: &SecretHash) -> &[u8] {
    hash.as_bytes()
}

fn mark(epoch: &Epoch) -> &[u8] {
    epoch.as_bytes()
}
