//! Sessions in this process's memory.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::BuildHasherDefault;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;

use super::apply::{self, Held as _};
use super::{ImmediateStore, Store, StoreError};
use crate::record::{ChangeSet, Deadline, Ending, Expired, Guard, Meta, Outcome, Record, Select};
use crate::token::{IdHasher, SessionId};

mod kept;
mod moment;

use kept::{IndexEntry, Kept};
use moment::Moment;

/// Locks are held for a few hundred nanoseconds at a time; this many let several cores work without waiting.
const SHARDS: usize = 64;

/// Sessions in this process's memory: for tests, for development, and for one process whose sessions may end with it.
///
/// Expired sessions are absent at once; their memory is freed as new ones are created, or, once there was one, by a
/// [`sweep`](crate::SessionManager::sweep) alone, which reports them.
pub struct MemoryStore {
    shards: Box<[Mutex<Shard>]>,
    index: Mutex<Index>,
    sessions: AtomicUsize,
    max_sessions: usize,
    /// Somebody sweeps, and reports what has expired.
    is_swept: AtomicBool,
}

#[derive(Default)]
struct Shard {
    records: HashMap<SessionId, Box<Kept>, BuildHasherDefault<IdHasher>>,
    /// The same sessions in the order in which they expire.
    by_deadline: BTreeSet<(Moment, SessionId)>,
}

impl Shard {
    /// The session that expires first, of those that are not `newest`.
    fn soonest_but(&self, newest: SessionId) -> Option<(Moment, SessionId)> {
        self.by_deadline.iter().find(|(_, id)| *id != newest).copied()
    }
}

/// Sessions by what they are found by.
type Index = HashMap<&'static str, HashMap<Arc<str>, HashSet<SessionId>>>;

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::bounded(usize::MAX)
    }

    /// An empty store that keeps at most `max_sessions`, of which there is at least one. A session too many drives out
    /// the one that would expire first: visitors who never came back go before those who did.
    pub fn bounded(max_sessions: usize) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            index: Mutex::default(),
            sessions: AtomicUsize::new(0),
            max_sessions: max_sessions.max(1),
            is_swept: AtomicBool::new(false),
        }
    }

    /// How many sessions are held, expired ones that were not yet freed included.
    pub fn len(&self) -> usize {
        self.sessions.load(Ordering::Relaxed)
    }

    /// Whether no session is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn shard(&self, id: SessionId) -> MutexGuard<'_, Shard> {
        // IDs are random, so any byte spreads them evenly.
        lock(&self.shards[usize::from(id.as_bytes()[0]) % SHARDS])
    }

    fn insert(&self, shard: &mut Shard, id: SessionId, record: Kept, now: SystemTime) {
        if !self.is_swept.load(Ordering::Relaxed) {
            // Two freed for one made: memory stays in proportion to the sessions that live.
            self.free_expired(shard, 2, now);
        }
        self.enter(id, record.index());
        shard.by_deadline.insert((record.deadline(), id));
        shard.records.insert(id, Box::new(record));
        self.sessions.fetch_add(1, Ordering::Relaxed);
    }

    fn remove(&self, shard: &mut Shard, id: SessionId) -> Option<Meta> {
        let record = shard.records.remove(&id)?;
        shard.by_deadline.remove(&(record.deadline(), id));
        self.leave(id, record.index());
        self.sessions.fetch_sub(1, Ordering::Relaxed);
        Some(record.meta())
    }

    fn free_expired(&self, shard: &mut Shard, limit: usize, now: SystemTime) -> Vec<Expired> {
        let now = Moment::from(now);
        let expired: Vec<SessionId> = shard
            .by_deadline
            .iter()
            .take_while(|(deadline, _)| *deadline <= now)
            .map(|(_, id)| *id)
            .take(limit)
            .collect();
        let removed = expired.into_iter().filter_map(|id| Some((id, self.remove(shard, id)?)));
        let named = |(id, meta): (_, Meta)| Expired {
            id,
            deadline: Deadline::first(meta.idle_deadline, meta.absolute_deadline),
        };
        removed.map(named).collect()
    }

    /// Keeps the bound after `newest` was created.
    fn evict_surplus(&self, newest: SessionId) {
        while self.len() > self.max_sessions {
            let Some((_, id)) = self.shards.iter().filter_map(|shard| lock(shard).soonest_but(newest)).min() else {
                return;
            };
            self.remove(&mut self.shard(id), id);
            tracing::debug!(session = %id, "session evicted: the memory store is full");
        }
    }

    fn enter(&self, id: SessionId, entries: &[IndexEntry]) {
        if !entries.is_empty() {
            let mut index = lock(&self.index);
            for (name, value) in entries {
                index.entry(name).or_default().entry(Arc::clone(value)).or_default().insert(id);
            }
        }
    }

    fn leave(&self, id: SessionId, entries: &[IndexEntry]) {
        if !entries.is_empty() {
            let mut index = lock(&self.index);
            for (name, value) in entries {
                let Some(by_value) = index.get_mut(name) else { continue };
                let Some(sessions) = by_value.get_mut(value) else { continue };
                sessions.remove(&id);
                if sessions.is_empty() {
                    by_value.remove(value);
                }
            }
        }
    }

    fn apply(&self, id: SessionId, changes: &ChangeSet, now: SystemTime) -> Outcome {
        let shard = &mut *self.shard(id);
        let Some(record) = shard.records.get_mut(&id) else {
            let (outcome, created) = apply::commit(None::<&mut Kept>, changes, now);
            if let Some(record) = created {
                self.insert(shard, id, record, now);
            }
            return outcome;
        };
        let deadline = record.deadline();
        let mut dropped = if changes.index.is_empty() { Vec::new() } else { record.index().to_vec() };
        let (outcome, _) = apply::commit(Some(&mut **record), changes, now);
        if !changes.index.is_empty() {
            // In before out: whoever looks the session up in between must not miss it.
            self.enter(id, record.index());
            dropped.retain(|entry| !record.index().contains(entry));
            self.leave(id, &dropped);
        }
        if record.deadline() != deadline {
            shard.by_deadline.remove(&(deadline, id));
            shard.by_deadline.insert((record.deadline(), id));
        }
        outcome
    }
}

/// A panic while a lock is held leaves no half-done change: each is made of steps that don't panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("sessions", &self.len()).finish_non_exhaustive()
    }
}

impl ImmediateStore for MemoryStore {
    fn load_now(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        Ok(self.shard(id).records.get(&id).and_then(|record| record.select(select, now)))
    }

    fn commit_now(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        let outcome = self.apply(id, changes, now.unwrap_or_else(SystemTime::now));
        self.evict_surplus(id);
        Ok(outcome)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        self.load_now(id, select, now)
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        self.commit_now(id, changes, now)
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        let now = now.unwrap_or_else(SystemTime::now);
        let shard = &mut *self.shard(id);
        let ending = apply::ending(shard.records.get(&id).map(|record| &**record), &guard, now);
        if ending == Ending::Destroyed {
            self.remove(shard, id);
        }
        Ok(ending)
    }

    async fn find(&self, index: &str, value: &str, _now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        let sessions = lock(&self.index);
        let entered = sessions.get(index).and_then(|by_value| by_value.get(value));
        Ok(entered.into_iter().flatten().copied().collect())
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.is_swept.store(true, Ordering::Relaxed);
        let now = now.unwrap_or_else(SystemTime::now);
        let mut freed = Vec::new();
        for shard in &self.shards {
            if freed.len() == limit {
                break;
            }
            freed.extend(self.free_expired(&mut lock(shard), limit - freed.len(), now));
        }
        Ok(freed)
    }

    fn immediate(&self) -> Option<&dyn ImmediateStore> {
        Some(self)
    }

    fn uses_process_clock(&self) -> bool {
        true
    }
}
