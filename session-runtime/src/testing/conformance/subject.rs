//! A store under test, with shorthands.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::record::{Basis, ChangeSet, Create, Ending, Entry, Epoch, Expect, Expiry, Guard, Meta, Outcome, Record};
use crate::record::{Revision, Rotate, RotateKind, Select, SetField};
use crate::store::Store;
use crate::testing::ManualClock;
use crate::token::{Secret, SecretHash, SessionId, random};

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const MINUTE: Duration = Duration::from_secs(60);
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// The fields that tests use.
pub(super) const A: &str = "a";
pub(super) const B: &str = "b";
pub(super) const C: &str = "c";

/// A store, and the time that it is told.
#[derive(Clone)]
pub(super) struct Subject {
    pub(super) store: Arc<dyn Store>,
    pub(super) now: SystemTime,
}

/// A session in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    pub(super) id: SessionId,
    pub(super) hash: SecretHash,
    pub(super) epoch: Epoch,
}

impl Held {
    pub(super) fn guard(&self) -> Guard {
        Guard::Secret(self.hash)
    }

    /// Changes to this session, to be added.
    pub(super) fn change(&self) -> ChangeSet {
        ChangeSet::new(Basis::Guard(self.guard()))
    }
}

pub(super) fn hash() -> SecretHash {
    Secret::random().hash()
}

pub(super) fn set(key: &'static str, value: &str) -> SetField {
    SetField { key, value: Some(Arc::from(value.as_bytes())), revision: Revision::random(), expiry: Expiry::Never }
}

/// What `take` writes.
pub(super) fn tombstone(key: &'static str) -> SetField {
    SetField { key, value: None, revision: Revision::random(), expiry: Expiry::After(MINUTE) }
}

pub(super) fn expect(key: &'static str, entry: Option<&Entry>) -> Expect {
    Expect { key, revision: entry.map(|entry| entry.revision) }
}

pub(super) fn supersede(from: SecretHash) -> Rotate {
    Rotate { from, to: hash(), kind: RotateKind::Supersede(Epoch::random(), MINUTE) }
}

pub(super) fn renew(from: SecretHash) -> Rotate {
    Rotate { from, to: hash(), kind: RotateKind::Renew(from) }
}

pub(super) fn create() -> Create {
    Create { secret_hash: hash(), epoch: Epoch::random(), idle: HOUR, absolute: 24 * HOUR }
}

pub(super) fn new_id() -> SessionId {
    SessionId::from_bytes(random())
}

pub(super) fn text(entry: &Entry) -> String {
    String::from_utf8_lossy(entry.value.as_deref().expect("the value was selected")).into_owned()
}

impl Subject {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, now: ManualClock::new().now() }
    }

    /// Moves the time that the store is told.
    pub(super) fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    /// A new session with these fields.
    pub(super) async fn session(&self, fields: impl IntoIterator<Item = SetField>) -> Held {
        self.session_of(new_id(), create(), fields).await
    }

    pub(super) async fn session_of(
        &self,
        id: SessionId,
        create: Create,
        fields: impl IntoIterator<Item = SetField>,
    ) -> Held {
        let held = Held { id, hash: create.secret_hash, epoch: create.epoch };
        let mut changes = ChangeSet::new(Basis::Create(create));
        changes.set = fields.into_iter().collect();
        self.apply(held.id, &changes).await;
        held
    }

    pub(super) async fn commit(&self, id: SessionId, changes: &ChangeSet) -> Outcome {
        self.store.commit(id, changes, Some(self.now)).await.expect("the store works")
    }

    /// A commit that must be applied.
    pub(super) async fn apply(&self, id: SessionId, changes: &ChangeSet) -> Meta {
        match self.commit(id, changes).await {
            Outcome::Applied { meta, .. } => *meta,
            other => panic!("expected the commit to be applied, got {other:?}"),
        }
    }

    /// Sets a field of the session.
    pub(super) async fn put(&self, held: Held, field: SetField) {
        self.apply(held.id, &ChangeSet { set: vec![field], ..held.change() }).await;
    }

    pub(super) async fn destroy(&self, held: Held) -> Ending {
        self.destroy_by(held.id, held.guard()).await
    }

    pub(super) async fn destroy_by(&self, id: SessionId, guard: Guard) -> Ending {
        self.store.destroy(id, guard, Some(self.now)).await.expect("the store works")
    }

    pub(super) async fn load(&self, id: SessionId, keys: &[&'static str]) -> Option<Record> {
        let select: Vec<_> = keys.iter().map(|key| Select { key, value: true }).collect();
        self.store.load(id, &select, Some(self.now)).await.expect("the store works")
    }

    /// The session, which must be there.
    pub(super) async fn meta(&self, id: SessionId) -> Meta {
        *self.load(id, &[]).await.expect("the session is there").meta
    }

    pub(super) async fn entry(&self, id: SessionId, key: &'static str) -> Option<Entry> {
        self.load(id, &[key]).await?.fields.remove(0)
    }

    /// The field's text; `None` where the field or the session is absent.
    pub(super) async fn value(&self, id: SessionId, key: &'static str) -> Option<String> {
        self.entry(id, key).await.as_ref().map(text)
    }
}

/// Asserts that nothing was applied, and why.
#[track_caller]
pub(super) fn assert_gone(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Gone), "expected Gone, got {outcome:?}");
}

#[track_caller]
pub(super) fn assert_superseded(outcome: &Outcome) {
    assert!(matches!(outcome, Outcome::Superseded), "expected Superseded, got {outcome:?}");
}

#[track_caller]
pub(super) fn assert_conflict(outcome: Outcome) -> Vec<Option<Entry>> {
    match outcome {
        Outcome::Conflict(current) => current,
        other => panic!("expected a conflict, got {other:?}"),
    }
}
