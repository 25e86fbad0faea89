//! Broken stores: the checker must notice each within as many calls as are made of a store that is not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::SystemTime;

use session_runtime::record::{
    Basis, ChangeSet, Ending, Expired, Guard, Outcome, Record, Revision, Rotate, RotateKind, Select,
};
use session_runtime::store::apply::{self, WholeRecord};
use session_runtime::{SessionId, Store, StoreError, async_trait};

use crate::run::Run;

/// How a store can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    /// A swap is done whatever there is by now.
    LosesUpdates,
    /// Half of a change set is seen before the other.
    AppliesByHalves,
    /// A change that began before the session's end brings it back.
    Revives,
    /// Whoever has opened a session goes on when it has another holder.
    IgnoresEpochs,
    /// Now and then a load tells what was there a moment ago.
    ReadsStale,
    /// Now and then a change is acknowledged and not made.
    Forgets,
    /// A change that is refused is made all the same.
    AppliesDespiteConflict,
    /// An end is acknowledged and not made.
    IgnoresEnds,
    /// The secret is not replaced.
    IgnoresRotations,
}

const FLAWS: [Flaw; 9] = [
    Flaw::LosesUpdates,
    Flaw::AppliesByHalves,
    Flaw::Revives,
    Flaw::IgnoresEpochs,
    Flaw::ReadsStale,
    Flaw::Forgets,
    Flaw::AppliesDespiteConflict,
    Flaw::IgnoresEnds,
    Flaw::IgnoresRotations,
];

/// As many as are made of the stores that are not broken.
const CALLS: u64 = 4000;

async fn violations(flaw: Flaw) -> usize {
    let store = Arc::new(BrokenStore { flaw, records: Mutex::default() });
    let run = Run { name: "a broken store", nodes: vec![store.clone(), store], shared: None, losses: false };
    let verdict = run.check(CALLS).await;
    let found = verdict.violations.len();
    if let Some(first) = verdict.violations.first() {
        println!("{flaw:?}: {first}");
    }
    found
}

/// On one thread: a store that yields between its steps is overtaken for certain.
#[tokio::test]
async fn the_checker_notices_every_flaw() {
    for flaw in FLAWS {
        assert!(violations(flaw).await > 0, "{flaw:?} was not noticed in {CALLS} calls");
    }
}

/// It is the flaw that is noticed: without one the same store is linearizable.
#[tokio::test]
async fn the_same_store_without_a_flaw_is_linearizable() {
    assert_eq!(violations(Flaw::None).await, 0);
}

/// A plain store of whole records, with one flaw.
struct BrokenStore {
    flaw: Flaw,
    /// Each with what it was before the last change.
    records: Mutex<HashMap<SessionId, (WholeRecord, WholeRecord)>>,
}

impl BrokenStore {
    fn records(&self) -> MutexGuard<'_, HashMap<SessionId, (WholeRecord, WholeRecord)>> {
        self.records.lock().unwrap()
    }

    fn apply(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let mut records = self.records();
        let before = records.get(&id).map(|(record, _)| record.clone());
        let (outcome, created) = apply::commit(records.get_mut(&id).map(|(record, _)| record), changes, now);
        if let (Some((_, old)), Some(before)) = (records.get_mut(&id), before) {
            *old = before;
        }
        records.extend(created.map(|record| (id, (record.clone(), record))));
        outcome
    }

    /// The first half of what is set, and the whole a moment later.
    async fn apply_by_halves(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let half = changes.set[..changes.set.len() / 2].to_vec();
        let outcome = self.apply(id, &ChangeSet { set: half, remove: Vec::new(), ..changes.clone() }, now);
        if !matches!(outcome, Outcome::Applied { .. }) {
            return outcome;
        }
        tokio::task::yield_now().await;
        let set = changes.set.iter().cloned().map(|field| session_runtime::record::SetField {
            // Not taken for the whole by itself.
            revision: Revision::random(),
            ..field
        });
        self.apply(id, &ChangeSet { set: set.collect(), ..changes.clone() }, now)
    }

    /// Changes a copy, and puts it in the place of what is there by then.
    async fn apply_to_a_copy(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let copy = self.records().get(&id).map(|(record, _)| record.clone());
        tokio::task::yield_now().await;
        let Some(mut copy) = copy else { return self.apply(id, changes, now) };
        let (outcome, _) = apply::commit(Some(&mut copy), changes, now);
        if matches!(outcome, Outcome::Applied { .. }) && !self.records().contains_key(&id) {
            self.records().insert(id, (copy.clone(), copy));
            return outcome;
        }
        self.apply(id, changes, now)
    }

    fn distorted(&self, id: SessionId, changes: &ChangeSet) -> ChangeSet {
        let mut changes = changes.clone();
        match (self.flaw, &changes.basis) {
            (Flaw::LosesUpdates, _) => changes.expect.clear(),
            (Flaw::IgnoresEpochs, Basis::Guard(Guard::Epoch(_))) => changes.basis = Basis::Guard(Guard::Any),
            (Flaw::IgnoresRotations, _) => {
                let present = self.records().get(&id).map(|(record, _)| (record.meta.secret_hash, record.meta.epoch));
                changes.rotate = changes.rotate.zip(present).map(|(rotate, (hash, epoch))| Rotate {
                    to: hash,
                    kind: match rotate.kind {
                        RotateKind::Supersede(_, recognised) => RotateKind::Supersede(epoch, recognised),
                        renewed => renewed,
                    },
                    ..rotate
                });
            }
            _ => {}
        }
        changes
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        tokio::task::yield_now().await;
        let is_stale = self.flaw == Flaw::ReadsStale && fastrand::u8(..20) == 0;
        let select =
            |(record, old): &(WholeRecord, WholeRecord)| if is_stale { old } else { record }.select(select, now);
        Ok(self.records().get(&id).and_then(select))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let is_new = matches!(changes.basis, Basis::Create(_));
        let changes = &self.distorted(id, changes);
        let outcome = match self.flaw {
            Flaw::AppliesByHalves if changes.set.len() > 1 => self.apply_by_halves(id, changes, now).await,
            Flaw::Revives if !is_new => self.apply_to_a_copy(id, changes, now).await,
            Flaw::Forgets if !is_new && fastrand::u8(..50) == 0 => {
                let unchanging = ChangeSet::new(changes.basis.clone());
                self.apply(id, &unchanging, now)
            }
            _ => self.apply(id, changes, now),
        };
        if self.flaw == Flaw::AppliesDespiteConflict && matches!(outcome, Outcome::Conflict(_)) {
            self.apply(id, &ChangeSet { expect: Vec::new(), ..changes.clone() }, now);
        }
        tokio::task::yield_now().await;
        Ok(outcome)
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let mut records = self.records();
        let ending = apply::ending(records.get(&id).map(|(record, _)| record), &guard, now);
        if ending == Ending::Destroyed && self.flaw != Flaw::IgnoresEnds {
            records.remove(&id);
        }
        Ok(ending)
    }

    async fn find(&self, _index: &str, _value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        Ok(Vec::new())
    }

    async fn sweep(&self, _limit: usize, _now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        Ok(Vec::new())
    }
}
