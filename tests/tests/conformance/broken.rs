//! One broken store per guarantee: the suite must notice each. A guarantee without a broken store fails here too.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use session_runtime::record::{
    Basis, ChangeSet, Create, Deadline, Ending, Epoch, Expired, Expiry, Guard, Outcome, Record, Revision, Rotate,
    RotateKind, Select,
};
use session_runtime::store::apply::{self, WholeRecord};
use session_runtime::testing::conformance::GUARANTEES;
use session_runtime::{SessionId, Store, StoreError, async_trait};

/// How a store can be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    DestroysTheUnknown,
    ForgetsAField,
    IgnoresTheSelection,
    Overwrites,
    Truncates,
    HasAWrongClock,
    IgnoresRemovals,
    RewritesAllFields,
    IgnoresExpectations,
    HidesTheCurrentFields,
    AppliesDespiteConflict,
    AppliesByHalves,
    IgnoresSecrets,
    RotationExtendsLife,
    RotationSignsOut,
    ForgetsSuperseded,
    IgnoresEpochs,
    ForgetsRenewed,
    RetiresByAnySecret,
    ChecksTheGuardTooEarly,
    RenewsTwice,
    RecognisesBeforeTheGuard,
    DestroysForAnybody,
    Upserts,
    ExpiresLate,
    TouchExtendsLife,
    RevivesExpired,
    IgnoresFieldExpiry,
    AlwaysTouches,
    RemembersHalf,
    IgnoresAuthentication,
    SweepsWithoutLimit,
    RefusesRepeatedCreation,
    DoesNotRecognise,
    ForgetsOverwritten,
    LeavesNoTombstone,
    RefusesRepeatedRotation,
    NeverLeavesAnIndex,
    DropsOthersFromTheIndex,
    EntersTheRefused,
    WritesBackTheWholeRecord,
    ChecksExpectationsTooEarly,
}

/// The flaw that breaks this guarantee.
fn flaw_against(guarantee: &str) -> Flaw {
    match guarantee {
        "an_unknown_session_is_absent" => Flaw::DestroysTheUnknown,
        "a_created_session_is_there_with_its_fields" => Flaw::ForgetsAField,
        "a_load_gives_what_was_selected" => Flaw::IgnoresTheSelection,
        "a_new_session_never_takes_the_place_of_another" => Flaw::Overwrites,
        "large_and_many_fields_come_back_as_they_were" => Flaw::Truncates,
        "without_a_time_the_stores_own_clock_decides" => Flaw::HasAWrongClock,
        "a_removed_field_is_absent" => Flaw::IgnoresRemovals,
        "writes_to_one_field_leave_the_others" => Flaw::RewritesAllFields,
        "a_swap_needs_the_revision_that_was_seen" => Flaw::IgnoresExpectations,
        "a_refused_swap_tells_what_is_there" => Flaw::HidesTheCurrentFields,
        "a_change_set_is_applied_whole_or_not_at_all" => Flaw::AppliesDespiteConflict,
        "readers_see_no_half_of_a_change_set" | "a_dropped_commit_is_whole_or_nothing" => Flaw::AppliesByHalves,
        "a_wrong_secret_changes_nothing" => Flaw::IgnoresSecrets,
        "a_rotation_replaces_the_secret_and_keeps_the_rest" => Flaw::RotationExtendsLife,
        "a_superseded_secret_changes_nothing_and_is_recognised_for_its_time" => Flaw::ForgetsSuperseded,
        "an_old_epoch_changes_nothing"
        | "the_shortest_commit_needs_its_guard_and_a_live_session"
        | "a_sign_in_needs_its_guard_and_a_live_session" => Flaw::IgnoresEpochs,
        "a_sign_in_is_one_change" => Flaw::IgnoresFieldExpiry,
        "a_sign_in_touches_the_session_where_that_is_due" => Flaw::AlwaysTouches,
        "sign_ins_follow_each_other" => Flaw::RotationSignsOut,
        "the_shortest_commit_does_what_is_due" => Flaw::AlwaysTouches,
        "a_renewed_secret_opens_until_its_successor_came_and_the_grace_is_over" => Flaw::ForgetsRenewed,
        "only_the_present_secret_retires_the_one_before" => Flaw::RetiresByAnySecret,
        "of_racing_rotations_one_is_applied" => Flaw::ChecksTheGuardTooEarly,
        "of_two_renewals_the_second_is_none" => Flaw::RenewsTwice,
        "a_write_asked_again_needs_its_guard_still" => Flaw::RecognisesBeforeTheGuard,
        "destroying_needs_the_guard" => Flaw::DestroysForAnybody,
        "a_destroyed_session_never_comes_back" => Flaw::Upserts,
        "a_session_is_absent_from_its_idle_deadline_on" => Flaw::ExpiresLate,
        "a_session_is_absent_from_its_absolute_deadline_on" => Flaw::TouchExtendsLife,
        "an_expired_session_never_comes_back" => Flaw::RevivesExpired,
        "a_field_is_absent_from_its_expiry_on" => Flaw::IgnoresFieldExpiry,
        "a_touch_moves_only_the_idle_deadline_and_never_back" => Flaw::AlwaysTouches,
        "remembering_replaces_both_deadlines" => Flaw::RemembersHalf,
        "an_authentication_is_written_down" | "a_session_may_begin_with_a_sign_in" => Flaw::IgnoresAuthentication,
        "a_sweep_deletes_what_has_expired_and_nothing_else" => Flaw::SweepsWithoutLimit,
        "a_creation_asked_again_is_applied_once" => Flaw::RefusesRepeatedCreation,
        "a_write_asked_again_is_applied_once" | "a_swap_asked_again_is_applied_once" => Flaw::DoesNotRecognise,
        "a_write_asked_again_does_not_undo_what_came_after_it" => Flaw::ForgetsOverwritten,
        "a_removal_asked_again_is_told_from_anothers" => Flaw::LeavesNoTombstone,
        "a_rotation_asked_again_is_applied_once" => Flaw::RefusesRepeatedRotation,
        "sessions_are_found_by_their_index_entries" => Flaw::NeverLeavesAnIndex,
        "an_ended_session_is_not_missed_by_the_index" => Flaw::DropsOthersFromTheIndex,
        "a_refused_change_enters_nothing_into_an_index" => Flaw::EntersTheRefused,
        "no_write_to_a_field_of_its_own_is_lost" | "no_commit_outlives_a_destruction" => Flaw::WritesBackTheWholeRecord,
        "no_swap_is_lost" | "of_racing_takers_one_wins" => Flaw::ChecksExpectationsTooEarly,
        other => panic!("no store is broken against {other}"),
    }
}

/// On one thread: a store that yields between its steps is overtaken for certain.
#[tokio::test]
async fn the_suite_notices_every_flaw() {
    for guarantee in GUARANTEES {
        let flaw = flaw_against(guarantee.name());
        let store = Arc::new(BrokenStore::with(flaw));
        let check = tokio::spawn(async move { guarantee.check(store).await });
        assert!(check.await.is_err_and(|error| error.is_panic()), "{flaw:?} was not noticed by {}", guarantee.name());
    }
}

/// It is the flaw that is noticed: without one the same store passes.
#[tokio::test]
async fn the_same_store_without_a_flaw_passes() {
    for guarantee in GUARANTEES {
        guarantee.check(Arc::new(BrokenStore::with(Flaw::None))).await;
    }
}

#[test]
fn no_two_guarantees_have_one_name() {
    let names: BTreeSet<_> = GUARANTEES.iter().map(|guarantee| guarantee.name()).collect();
    assert_eq!(names.len(), GUARANTEES.len());
}

/// A plain store of whole records, with one flaw.
struct BrokenStore {
    flaw: Flaw,
    records: Mutex<HashMap<SessionId, WholeRecord>>,
}

impl BrokenStore {
    fn with(flaw: Flaw) -> Self {
        Self { flaw, records: Mutex::default() }
    }

    fn records(&self) -> MutexGuard<'_, HashMap<SessionId, WholeRecord>> {
        self.records.lock().unwrap()
    }

    fn now(&self, now: Option<SystemTime>) -> SystemTime {
        match (now, self.flaw) {
            (None, Flaw::HasAWrongClock) => UNIX_EPOCH + Duration::from_secs(86_400),
            (now, _) => now.unwrap_or_else(SystemTime::now),
        }
    }

    fn apply(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let mut records = self.records();
        let (outcome, created) = apply::commit(records.get_mut(&id), changes, now);
        records.extend(created.map(|record| (id, record)));
        outcome
    }

    /// The change set as the flaw distorts it.
    fn distort(&self, id: SessionId, mut changes: ChangeSet) -> ChangeSet {
        let by_secret = matches!(changes.basis, Basis::Guard(Guard::Secret(_)));
        let by_epoch = matches!(changes.basis, Basis::Guard(Guard::Epoch(_)));
        let is_new = matches!(changes.basis, Basis::Create(_));
        match self.flaw {
            Flaw::ForgetsAField if is_new => drop(changes.set.pop()),
            Flaw::Overwrites if is_new => drop(self.records().remove(&id)),
            Flaw::Truncates => {
                for value in changes.set.iter_mut().filter_map(|field| field.value.as_mut()) {
                    *value = value[..value.len().min(65_536)].into();
                }
            }
            Flaw::IgnoresRemovals => changes.remove.clear(),
            Flaw::IgnoresExpectations => changes.expect.clear(),
            Flaw::IgnoresSecrets if by_secret => changes.basis = Basis::Guard(Guard::Any),
            Flaw::IgnoresEpochs if by_epoch => changes.basis = Basis::Guard(Guard::Any),
            Flaw::RetiresByAnySecret if by_secret && changes.retire_previous.is_some() => {
                changes.basis = Basis::Guard(Guard::Any);
            }
            Flaw::RenewsTwice if is_renewal(&changes) => {
                let present = self.records().get(&id).map(|record| record.meta.secret_hash);
                changes.rotate = changes
                    .rotate
                    .zip(present)
                    .map(|(rotate, present)| Rotate { kind: RotateKind::Renew(present), ..rotate });
            }
            Flaw::RotationExtendsLife if changes.rotate.is_some() => {
                changes.absolute = Some(Duration::from_secs(1_000_000));
            }
            Flaw::TouchExtendsLife => changes.absolute = changes.touch,
            Flaw::IgnoresFieldExpiry => changes.set.iter_mut().for_each(|field| field.expiry = Expiry::Never),
            Flaw::RemembersHalf => changes.absolute = changes.remember.take(),
            Flaw::IgnoresAuthentication => changes.authenticated = false,
            Flaw::DoesNotRecognise => changes.set.iter_mut().for_each(|field| field.revision = Revision::random()),
            Flaw::LeavesNoTombstone => {
                let buried = changes.set.iter().filter(|field| field.value.is_none()).map(|field| field.key);
                changes.remove.extend(buried.collect::<Vec<_>>());
                changes.set.retain(|field| field.value.is_some());
            }
            Flaw::NeverLeavesAnIndex => changes.index.retain(|change| change.value.is_some()),
            _ => {}
        }
        changes
    }

    /// What the flaw does after a commit.
    fn spoil(&self, id: SessionId, changes: &ChangeSet, outcome: Outcome, now: SystemTime) -> Outcome {
        match (self.flaw, outcome) {
            (Flaw::HidesTheCurrentFields, Outcome::Conflict(current)) => Outcome::Conflict(vec![None; current.len()]),
            (Flaw::AppliesDespiteConflict, Outcome::Conflict(current)) => {
                self.apply(id, &ChangeSet { expect: Vec::new(), ..changes.clone() }, now);
                Outcome::Conflict(current)
            }
            (Flaw::ForgetsSuperseded, Outcome::Superseded) => Outcome::Gone,
            (Flaw::EntersTheRefused, outcome @ (Outcome::Gone | Outcome::Superseded | Outcome::Conflict(_))) => {
                let entries =
                    changes.index.iter().filter_map(|change| Some((change.index.into(), change.value.clone()?)));
                if let Some(record) = self.records().get_mut(&id) {
                    record.index.extend(entries);
                }
                outcome
            }
            (flaw, Outcome::Applied { .. }) => {
                let mut records = self.records();
                let record = records.get_mut(&id).unwrap();
                match (flaw, changes.touch) {
                    (Flaw::RewritesAllFields, _) => {
                        record.fields.iter_mut().for_each(|(_, entry)| entry.revision = Revision::random());
                    }
                    (Flaw::ForgetsOverwritten, _) => record.overwritten.clear(),
                    (Flaw::ForgetsRenewed, _) if is_renewal(changes) => record.meta.previous = None,
                    (Flaw::RotationSignsOut, _) if changes.rotate.is_some() && !changes.authenticated => {
                        record.meta.authenticated = None;
                    }
                    (Flaw::AlwaysTouches, Some(idle)) => record.meta.idle_deadline = now + idle,
                    _ => {}
                }
                Outcome::Applied { meta: Box::new(record.meta.clone()), now }
            }
            (_, outcome) => outcome,
        }
    }

    async fn commit_by_halves(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let (first, second) = changes.set.split_at(changes.set.len() / 2);
        let mut outcome = None;
        for half in [first, second] {
            if !half.is_empty() {
                outcome = Some(self.apply(id, &ChangeSet { set: half.to_vec(), ..changes.clone() }, now));
            }
            // More often than a reader does, so that one looks in between.
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        }
        outcome.unwrap_or_else(|| self.apply(id, changes, now))
    }

    /// Applies the changes to a copy, which then takes the record's place.
    async fn commit_to_a_copy(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let mut copy = self.records().get(&id).cloned();
        tokio::task::yield_now().await;
        let (outcome, created) = apply::commit(copy.as_mut(), changes, now);
        self.records().extend(copy.or(created).map(|record| (id, record)));
        outcome
    }

    /// Checks what `unchecked` leaves out, and applies the rest a moment later.
    async fn commit_late(&self, id: SessionId, changes: &ChangeSet, unchecked: ChangeSet, now: SystemTime) -> Outcome {
        let mut copy = self.records().get(&id).cloned();
        let (outcome, _) = apply::commit(copy.as_mut(), changes, now);
        tokio::task::yield_now().await;
        match outcome {
            Outcome::Applied { .. } => self.apply(id, &unchecked, now),
            refused => refused,
        }
    }
}

fn is_renewal(changes: &ChangeSet) -> bool {
    changes.rotate.as_ref().is_some_and(|rotate| matches!(rotate.kind, RotateKind::Renew(_)))
}

fn carries(record: &WholeRecord, changes: &ChangeSet) -> bool {
    let written = |revision| record.fields.iter().any(|(_, entry)| entry.revision == revision);
    changes.set.iter().any(|field| written(field.revision))
}

/// A record out of nothing, for a store that upserts.
fn upsert(changes: &ChangeSet) -> ChangeSet {
    let create = Create {
        secret_hash: session_runtime::SecretHash::from_bytes([7; 32]),
        epoch: Epoch::random(),
        idle: Duration::from_secs(3600),
        absolute: Duration::from_secs(3600),
    };
    ChangeSet { basis: Basis::Create(create), ..changes.clone() }
}

#[async_trait]
impl Store for BrokenStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let now = self.now(now);
        let by = if self.flaw == Flaw::ExpiresLate { now - Duration::from_secs(1) } else { now };
        let all: Vec<_> = select.iter().map(|wanted| Select { value: true, ..*wanted }).collect();
        let select = if self.flaw == Flaw::IgnoresTheSelection { &all } else { select };
        Ok(self.records().get(&id).and_then(|record| record.select(select, by)).map(|record| Record { now, ..record }))
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let now = self.now(now);
        let known = self.records().get(&id).cloned();
        let exists = known.is_some();
        let is_new = matches!(changes.basis, Basis::Create(_));
        let changes = &self.distort(id, changes.clone());
        let unguarded = ChangeSet { basis: Basis::Guard(Guard::Any), ..changes.clone() };
        let unexpecting = ChangeSet { expect: Vec::new(), ..changes.clone() };
        let rotated = known.as_ref().map(|record| record.meta.secret_hash) == changes.rotate.as_ref().map(|to| to.to);
        let outcome = match self.flaw {
            Flaw::AppliesByHalves if !is_new => self.commit_by_halves(id, changes, now).await,
            Flaw::WritesBackTheWholeRecord if !is_new => self.commit_to_a_copy(id, changes, now).await,
            Flaw::ChecksTheGuardTooEarly if !is_new => self.commit_late(id, changes, unguarded, now).await,
            Flaw::ChecksExpectationsTooEarly if !is_new => self.commit_late(id, changes, unexpecting, now).await,
            Flaw::Upserts if !exists => self.apply(id, &upsert(changes), now),
            Flaw::RevivesExpired if !is_new => self.apply(id, changes, now - Duration::from_secs(1800)),
            Flaw::RefusesRepeatedCreation if is_new && exists => Outcome::Gone,
            Flaw::RecognisesBeforeTheGuard if known.as_ref().is_some_and(|record| carries(record, changes)) => {
                let unguarded = ChangeSet { expect: Vec::new(), ..unguarded };
                self.apply(id, &unguarded, now)
            }
            Flaw::RefusesRepeatedRotation if changes.rotate.is_some() && rotated => Outcome::Superseded,
            _ => self.apply(id, changes, now),
        };
        Ok(self.spoil(id, changes, outcome, now))
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let now = self.now(now);
        let guard = if self.flaw == Flaw::DestroysForAnybody { Guard::Any } else { guard };
        let mut records = self.records();
        let ending = apply::ending(records.get(&id), &guard, now);
        if ending == Ending::Destroyed {
            records.remove(&id);
            if self.flaw == Flaw::DropsOthersFromTheIndex {
                records.values_mut().for_each(|record| record.index.clear());
            }
        }
        Ok(if self.flaw == Flaw::DestroysTheUnknown { Ending::Destroyed } else { ending })
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let is_it = |entry: &(Box<str>, String)| &*entry.0 == index && entry.1 == value;
        Ok(self.records().iter().filter(|(_, record)| record.index.iter().any(is_it)).map(|(id, _)| *id).collect())
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        let now = self.now(now);
        let limit = if self.flaw == Flaw::SweepsWithoutLimit { usize::MAX } else { limit };
        let mut records = self.records();
        let expired = records.iter().filter(|(_, record)| !record.meta.is_live(now));
        let named = expired.map(|(id, WholeRecord { meta, .. })| Expired {
            id: *id,
            deadline: Deadline::first(meta.idle_deadline, meta.absolute_deadline),
        });
        let expired: Vec<_> = named.take(limit).collect();
        expired.iter().for_each(|expired| drop(records.remove(&expired.id)));
        Ok(expired)
    }
}
