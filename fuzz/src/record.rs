//! Sequences of calls to a store, compared with what the documentation of [`Store`] and of [`session_runtime::record`] says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use session_runtime::record::{
    Access, Basis, ChangeSet, Create, Ending, Entry, Epoch, Expect, Expiry, Guard, IndexChange, Meta, Outcome, Previous,
};
use session_runtime::record::{
    PreviousKind, REMEMBERED_WRITES, Record, Revision, Rotate, RotateKind, Select, SetField,
};
use session_runtime::{MemoryStore, SecretHash, SessionId, Store as _};

use crate::input::Input;
use crate::ready;

const KEYS: [&str; 4] = ["a", "b", "c", "d"];
const INDEXES: [&str; 2] = ["user", "team"];
const VALUES: [&str; 3] = ["x", "y", "z"];
const SESSIONS: u8 = 5;
const MOST_CALLS: usize = 64;

/// The sessions in the store, as they must be there.
struct Model {
    store: MemoryStore,
    bound: usize,
    now: SystemTime,
    sessions: BTreeMap<SessionId, Session>,
    /// Every commit that was asked.
    asked: Vec<(SessionId, ChangeSet)>,
    /// How many secrets, epochs and revisions there were: each is used once, as random ones are.
    marks: u8,
    revisions: u64,
}

#[derive(Clone, Debug, PartialEq)]
struct Session {
    meta: Meta,
    /// Tombstones too.
    fields: BTreeMap<&'static str, Entry>,
    /// What was overwritten in each field, the last first.
    overwritten: BTreeMap<&'static str, Vec<Revision>>,
    index: BTreeMap<&'static str, String>,
}

/// Why a session may no longer be held.
#[derive(Clone, Copy)]
enum Loss {
    /// It was destroyed.
    Ended(SessionId),
    /// It had expired, and the call frees what has.
    Freed,
    /// A commit to this session frees what has expired, and makes room.
    Committed(SessionId),
    None,
}

/// No sequence of calls, with whatever times, makes the store panic or break its word.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let bound = *input.of(&[usize::MAX, 1, 3]);
    let mut model = Model {
        store: MemoryStore::bounded(bound),
        bound,
        now: UNIX_EPOCH + Duration::from_secs(1 << 30),
        sessions: BTreeMap::new(),
        asked: Vec::new(),
        marks: 0,
        revisions: 0,
    };
    for _ in 0..MOST_CALLS {
        if input.is_empty() {
            break;
        }
        let loss = model.call(&mut input);
        model.compare(loss);
    }
}

impl Model {
    fn call(&mut self, input: &mut Input<'_>) -> Loss {
        match input.below(12) {
            0 => self.now = self.now.checked_add(duration(input)).map_or(self.now, |later| later.min(latest())),
            1 => self.now = time(input, self.now),
            2 => return self.sweep(input),
            3 => return self.destroy(input),
            4 if !self.asked.is_empty() => {
                let (id, changes) = input.of(&self.asked).clone();
                return self.commit(id, changes);
            }
            5 | 6 => {
                let create = Create {
                    secret_hash: self.new_secret(),
                    epoch: self.new_epoch(),
                    idle: duration(input),
                    absolute: duration(input),
                };
                let changes = self.changes(input, Basis::Create(create));
                return self.ask(session_id(input), changes);
            }
            _ => {
                let id = session_id(input);
                let guard = self.guard(input, id);
                let mut changes = self.changes(input, Basis::Guard(guard));
                changes.rotate = input.flag().then(|| self.rotate(input, guard));
                return self.ask(id, changes);
            }
        }
        Loss::None
    }

    // What is asked.

    fn new_secret(&mut self) -> SecretHash {
        self.marks += 1;
        SecretHash::from_bytes([self.marks; 32])
    }

    fn new_epoch(&mut self) -> Epoch {
        self.marks += 1;
        Epoch::from_bytes([self.marks; 8])
    }

    fn new_revision(&mut self) -> Revision {
        self.revisions += 1;
        Revision::from_bytes(self.revisions.to_le_bytes())
    }

    /// That of the session, or another.
    fn guard(&self, input: &mut Input<'_>, id: SessionId) -> Guard {
        let meta = self.sessions.get(&id).map(|session| &session.meta);
        match (input.below(6), meta) {
            (0 | 1, Some(meta)) => Guard::Secret(meta.secret_hash),
            (2, Some(Meta { previous: Some(previous), .. })) => Guard::Secret(previous.hash),
            (3, Some(meta)) => Guard::Epoch(meta.epoch),
            (4, _) => Guard::Any,
            (0..3, _) => Guard::Secret(SecretHash::from_bytes([input.byte(); 32])),
            _ => Guard::Epoch(Epoch::from_bytes([input.byte(); 8])),
        }
    }

    fn changes(&mut self, input: &mut Input<'_>, basis: Basis) -> ChangeSet {
        let mut changes = ChangeSet::new(basis);
        for key in KEYS {
            match input.below(8) {
                0 => changes.remove.push(key),
                what @ 1..4 => changes.set.push(SetField {
                    key,
                    value: (what != 1).then(|| Arc::from([input.byte()])),
                    revision: self.new_revision(),
                    expiry: *input.of(&[
                        Expiry::Never,
                        Expiry::After(duration(&mut Input::new(&[what as u8]))),
                        Expiry::At(self.now),
                        Expiry::At(self.now.checked_add(Duration::from_secs(60)).unwrap_or(self.now)),
                    ]),
                }),
                _ => {}
            }
        }
        for key in KEYS {
            match input.below(16) {
                0 => changes.expect.push(Expect { key, revision: None }),
                1 => {
                    let newest = self.revisions.saturating_sub(input.byte().into());
                    changes.expect.push(Expect { key, revision: Some(Revision::from_bytes(newest.to_le_bytes())) });
                }
                _ => {}
            }
        }
        let settings = input.byte();
        let mut setting = |bit: u8| (settings & bit != 0).then(|| duration(input));
        changes.touch = setting(1);
        changes.absolute = setting(2);
        changes.remember = setting(4);
        changes.retire_previous = setting(8);
        changes.authenticated = settings & 16 != 0;
        for (index, bit) in INDEXES.into_iter().zip([32, 64]) {
            if settings & bit != 0 {
                let value = VALUES.get(input.below(4)).copied().map(String::from);
                changes.index.push(IndexChange { index, value });
            }
        }
        changes
    }

    fn rotate(&mut self, input: &mut Input<'_>, guard: Guard) -> Rotate {
        let from = match guard {
            Guard::Secret(hash) => hash,
            _ => SecretHash::from_bytes([input.byte(); 32]),
        };
        let kind = match input.below(4) {
            0 | 1 => RotateKind::Renew(from),
            2 => RotateKind::Supersede(self.new_epoch(), duration(input)),
            _ => RotateKind::Renew(SecretHash::from_bytes([input.byte(); 32])),
        };
        Rotate { from, to: self.new_secret(), kind }
    }

    fn ask(&mut self, id: SessionId, changes: ChangeSet) -> Loss {
        self.asked.push((id, changes.clone()));
        self.commit(id, changes)
    }

    // What is answered.

    fn live(&self, id: SessionId) -> Option<&Session> {
        self.sessions.get(&id).filter(|session| session.meta.is_live(self.now))
    }

    fn sweep(&mut self, input: &mut Input<'_>) -> Loss {
        let limit = *input.of(&[usize::MAX, 0, 1, 2]);
        let expired = self.sessions.values().filter(|session| !session.meta.is_live(self.now)).count();
        let freed = ready(self.store.sweep(limit, Some(self.now))).expect("the store works").len();
        assert_eq!(freed, expired.min(limit));
        assert_eq!(self.store.len(), self.sessions.len() - freed);
        Loss::Freed
    }

    fn destroy(&mut self, input: &mut Input<'_>) -> Loss {
        let id = session_id(input);
        let guard = self.guard(input, id);
        let ending = ready(self.store.destroy(id, guard, Some(self.now))).expect("the store works");
        let access = self.live(id).map_or(Access::Unknown, |session| session.meta.admits(&guard, self.now));
        let expected = match access {
            Access::Open => Ending::Destroyed,
            Access::Superseded => Ending::Superseded,
            Access::Reused => Ending::Reused,
            Access::Unknown => Ending::Gone,
        };
        assert_eq!(ending, expected);
        if ending == Ending::Destroyed { Loss::Ended(id) } else { Loss::None }
    }

    fn commit(&mut self, id: SessionId, changes: ChangeSet) -> Loss {
        let expected = self.expected(id, &changes);
        let outcome = ready(self.store.commit(id, &changes, Some(self.now))).expect("the store works");
        match (outcome, expected) {
            (Outcome::Applied { meta, now }, Expected::Applied(before)) => {
                assert_eq!(now, self.now);
                let session = applied(before, &changes, &meta, now);
                self.sessions.insert(id, session);
            }
            (Outcome::Applied { meta, now }, Expected::Recognised) => {
                assert_eq!(now, self.now);
                assert_eq!(
                    Some(&*meta),
                    self.sessions.get(&id).map(|session| &session.meta),
                    "recognised, but changed"
                );
            }
            (outcome, Expected::Refused(refused)) if outcome == refused => {}
            (outcome, expected) => panic!("{outcome:?} instead of {expected:?} for {changes:?}"),
        }
        Loss::Committed(id)
    }

    fn expected(&self, id: SessionId, changes: &ChangeSet) -> Expected {
        let guard = match (&changes.basis, self.sessions.get(&id)) {
            (Basis::Create(_), None) => return Expected::Applied(None),
            (Basis::Create(create), Some(session)) => {
                let is_own = session.meta.is_live(self.now) && session.meta.secret_hash == create.secret_hash;
                return if is_own { Expected::Recognised } else { Expected::Refused(Outcome::Gone) };
            }
            (Basis::Guard(guard), _) => guard,
        };
        let Some(session) = self.live(id) else { return Expected::Refused(Outcome::Gone) };
        if changes.rotate.as_ref().is_some_and(|rotate| rotate.to == session.meta.secret_hash) {
            return Expected::Recognised;
        }
        match session.meta.admits(guard, self.now) {
            Access::Open => {}
            Access::Superseded => return Expected::Refused(Outcome::Superseded),
            Access::Reused => return Expected::Refused(Outcome::Reused),
            Access::Unknown => return Expected::Refused(Outcome::Gone),
        }
        let is_there = |set: &SetField| session.fields.get(set.key).is_some_and(|entry| entry.revision == set.revision);
        let was_there = |set: &SetField| {
            session.overwritten.get(set.key).is_some_and(|revisions| revisions.contains(&set.revision))
        };
        if changes.set.iter().any(|set| is_there(set) || was_there(set)) {
            return Expected::Recognised;
        }
        let current: Vec<_> = changes.expect.iter().map(|expect| session.present(expect.key, self.now)).collect();
        let expected = changes.expect.iter().map(|expect| expect.revision);
        if current.iter().map(|entry| entry.as_ref().map(|entry| entry.revision)).ne(expected) {
            return Expected::Refused(Outcome::Conflict(current));
        }
        Expected::Applied(Some(session.clone()))
    }

    // What is there.

    fn load(&self, id: SessionId, now: SystemTime) -> Option<Record> {
        let select = KEYS.map(|key| Select { key, value: true });
        ready(self.store.load(id, &select, Some(now))).expect("the store works")
    }

    /// Every session is there as it must be, and no other.
    fn compare(&mut self, loss: Loss) {
        let earliest = before_all();
        for id in (0..SESSIONS).map(id) {
            let Some(session) = self.sessions.get(&id) else {
                assert_eq!(self.load(id, earliest), None, "it ended, but it is there");
                continue;
            };
            if self.load(id, earliest).is_none() {
                self.check_loss(id, session, loss);
                self.sessions.remove(&id);
                continue;
            }
            assert!(!matches!(loss, Loss::Ended(ended) if ended == id), "it was destroyed, but it is there");
            let shown = self.load(id, self.now);
            assert_eq!(shown.is_some(), session.meta.is_live(self.now));
            if let Some(shown) = shown {
                assert_eq!((&*shown.meta, shown.now), (&session.meta, self.now));
                assert_eq!(shown.fields, KEYS.map(|key| session.present(key, self.now)));
            }
        }
        assert_eq!(self.store.len(), self.sessions.len());
        assert!(self.store.len() <= self.bound);
        self.compare_index();
    }

    fn check_loss(&self, lost: SessionId, session: &Session, loss: Loss) {
        let has_expired = !session.meta.is_live(self.now);
        let is_allowed = match loss {
            Loss::Ended(id) => id == lost,
            Loss::Freed => has_expired,
            Loss::Committed(id) => {
                let others = self
                    .sessions
                    .iter()
                    .filter(|(other, _)| **other != id && self.load(**other, before_all()).is_some());
                let first = others.map(|(_, other)| other.meta.expires()).min();
                let is_first = first.is_none_or(|first| session.meta.expires() <= first);
                has_expired || id != lost && self.sessions.len() > self.bound && is_first
            }
            Loss::None => false,
        };
        assert!(is_allowed, "lost: {session:?}");
    }

    /// Whatever lives is found by its entries.
    fn compare_index(&self) {
        for (index, value) in INDEXES.into_iter().flat_map(|index| VALUES.map(|value| (index, value))) {
            let mut found = ready(self.store.find(index, value, Some(self.now))).expect("the store works");
            found.sort();
            let entered = |session: &Session| session.index.get(index).is_some_and(|entered| entered == value);
            let entered: Vec<_> =
                self.sessions.iter().filter(|(_, session)| entered(session)).map(|(id, _)| *id).collect();
            // This store lets go of what has ended.
            assert_eq!(found, entered, "{index} {value}");
        }
    }
}

#[derive(Debug)]
enum Expected {
    /// To the session as it was, or to a new one.
    Applied(Option<Session>),
    /// Its own write is there.
    Recognised,
    Refused(Outcome),
}

impl Session {
    fn present(&self, key: &str, now: SystemTime) -> Option<Entry> {
        self.fields.get(key).filter(|entry| entry.value.is_some() && is_before(now, entry.expires)).cloned()
    }
}

fn is_before(now: SystemTime, end: Option<SystemTime>) -> bool {
    end.is_none_or(|end| now < end)
}

/// The session after the commit, whose meta must be `meta`.
fn applied(before: Option<Session>, changes: &ChangeSet, meta: &Meta, now: SystemTime) -> Session {
    let was = before.as_ref().map(|session| session.meta.clone());
    let mut session = before.unwrap_or_else(|| Session {
        meta: meta.clone(),
        fields: BTreeMap::new(),
        overwritten: BTreeMap::new(),
        index: BTreeMap::new(),
    });
    session.fields.retain(|key, entry| is_before(now, entry.expires) && !changes.remove.contains(key));
    for set in &changes.set {
        let entry = Entry { value: set.value.clone(), revision: set.revision, expires: set.expiry.at(now) };
        if let Some(before) = session.fields.insert(set.key, entry) {
            let overwritten = session.overwritten.entry(set.key).or_default();
            overwritten.insert(0, before.revision);
            overwritten.truncate(REMEMBERED_WRITES);
        }
    }
    for change in &changes.index {
        match &change.value {
            Some(value) => session.index.insert(change.index, value.clone()),
            None => session.index.remove(change.index),
        };
    }
    session.meta = meta.clone();
    match (&changes.basis, was) {
        (Basis::Create(create), _) => check_created(create, changes, meta, now),
        (Basis::Guard(_), Some(was)) => {
            check_secret(&was, changes, meta, now);
            check_deadlines(&was, changes, meta, now);
        }
        (Basis::Guard(_), None) => panic!("a guard made a session"),
    }
    session
}

fn check_created(create: &Create, changes: &ChangeSet, meta: &Meta, now: SystemTime) {
    assert_eq!((meta.secret_hash, meta.epoch, &meta.previous), (create.secret_hash, create.epoch, &None));
    assert_eq!((meta.created, meta.secret_since), (now, now));
    assert_eq!(
        (meta.authenticated, meta.persistent),
        (changes.authenticated.then_some(now), changes.remember.is_some())
    );
    assert!(meta.expires() >= now);
}

fn check_secret(was: &Meta, changes: &ChangeSet, meta: &Meta, now: SystemTime) {
    let replacing = changes.rotate.as_ref().filter(|rotate| match rotate.kind {
        RotateKind::Renew(seen) => seen == was.secret_hash,
        RotateKind::Supersede(..) => true,
    });
    let Some(rotate) = replacing else {
        assert_eq!((meta.secret_hash, meta.secret_since, meta.epoch), (was.secret_hash, was.secret_since, was.epoch));
        return check_previous(was, changes, meta, now);
    };
    assert_eq!((meta.secret_hash, meta.secret_since), (rotate.to, now));
    let previous = meta.previous.as_ref().expect("the one before is remembered");
    assert_eq!(previous.hash, rotate.from);
    match rotate.kind {
        RotateKind::Renew(_) => {
            assert_eq!((meta.epoch, previous.kind, previous.until), (was.epoch, PreviousKind::Renewed, None));
        }
        RotateKind::Supersede(epoch, _) => {
            assert_eq!((meta.epoch, previous.kind), (epoch, PreviousKind::Superseded));
            assert!(previous.until.is_some_and(|until| until >= now));
        }
    }
}

/// Only the end of a renewed secret that had none may be set, and not by that secret.
fn check_previous(was: &Meta, changes: &ChangeSet, meta: &Meta, now: SystemTime) {
    let by_another = !matches!(changes.basis, Basis::Guard(Guard::Secret(hash)) if hash != was.secret_hash);
    let retired = match &was.previous {
        Some(Previous { kind: PreviousKind::Renewed, until: None, .. }) => {
            changes.retire_previous.filter(|_| by_another)
        }
        _ => None,
    };
    match retired {
        None => assert_eq!(meta.previous, was.previous),
        Some(_) => {
            let (previous, before) = (meta.previous.as_ref(), was.previous.as_ref());
            assert_eq!(previous.map(|previous| previous.hash), before.map(|before| before.hash));
            assert!(previous.and_then(|previous| previous.until).is_some_and(|until| until >= now));
        }
    }
}

fn check_deadlines(was: &Meta, changes: &ChangeSet, meta: &Meta, now: SystemTime) {
    assert_eq!(meta.created, was.created);
    assert_eq!(meta.authenticated, if changes.authenticated { Some(now) } else { was.authenticated });
    assert_eq!(meta.persistent, was.persistent || changes.remember.is_some());
    match (changes.remember, changes.touch) {
        (Some(_), _) => assert_eq!(meta.idle_deadline, meta.absolute_deadline),
        (None, Some(_)) => assert!(meta.idle_deadline >= was.idle_deadline, "a touch moved the deadline back"),
        (None, None) => assert_eq!(meta.idle_deadline, was.idle_deadline),
    }
    if changes.remember.is_none() && changes.absolute.is_none() {
        assert_eq!(meta.absolute_deadline, was.absolute_deadline);
    }
}

// Choices.

fn id(number: u8) -> SessionId {
    // The first two are neighbours, wherever a store puts them.
    SessionId::from_bytes([if number == 1 { 64 } else { number }; 16])
}

fn session_id(input: &mut Input<'_>) -> SessionId {
    id(input.byte() % SESSIONS)
}

fn duration(input: &mut Input<'_>) -> Duration {
    const HOUR: Duration = Duration::from_secs(3600);
    match input.below(10) {
        0 | 1 => HOUR,
        2 => Duration::from_secs(60),
        3 => 24 * HOUR,
        4 => Duration::ZERO,
        5 => Duration::from_micros(1),
        6 => Duration::MAX,
        7 => Duration::from_secs(i64::MAX as u64),
        8 => Duration::from_secs(input.byte().into()),
        _ => Duration::from_micros(input.number()),
    }
}

fn time(input: &mut Input<'_>, now: SystemTime) -> SystemTime {
    match input.below(5) {
        0 => now.checked_sub(duration(input)).unwrap_or(now).max(earliest()),
        1 | 2 => earliest(),
        3 => latest(),
        _ => latest() - Duration::from_secs(input.byte().into()),
    }
}

/// Never the present: at this time everything that a store holds is alive.
fn before_all() -> SystemTime {
    earliest() - Duration::from_nanos(1)
}

/// The ends of time, as far as the store keeps it: to the microsecond, from 1970 on, and so that what begins at the last one can
/// live for the 10,000 years that are the most.
fn earliest() -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(1)
}

fn latest() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs((1 << 44) - 1 - 10_000 * 365 * 24 * 60 * 60)
}
