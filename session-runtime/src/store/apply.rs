//! A change set applied to a record that is held whole: for stores that keep records as values.

use std::time::SystemTime;

use crate::record::{
    Access, Basis, ChangeSet, Create, Ending, Entry, Guard, Meta, Outcome, Previous, PreviousKind, Record,
};
use crate::record::{REMEMBERED_WRITES, Revision, Rotate, RotateKind, Select, SetField, later, touch_is_due};

/// One session, whole: its meta, its fields and its index entries.
#[derive(Clone, Debug)]
pub struct WholeRecord {
    /// All but the fields.
    pub meta: Meta,
    /// The fields by key, sorted. An entry without a value is a tombstone.
    pub fields: Vec<(Box<str>, Entry)>,
    /// The latest overwritten writes to each field, by key, the last first: at most [`REMEMBERED_WRITES`].
    pub overwritten: Vec<(Box<str>, Vec<Revision>)>,
    /// The values that the session is found by, by index.
    pub index: Vec<(Box<str>, String)>,
}

impl WholeRecord {
    /// What a load answers.
    pub fn select(&self, select: &[Select], now: SystemTime) -> Option<Record> {
        self.meta.is_live(now).then(|| Record {
            meta: self.meta.clone(),
            fields: select.iter().map(|wanted| self.selected(wanted, now)).collect(),
            now,
        })
    }

    fn selected(&self, wanted: &Select, now: SystemTime) -> Option<Entry> {
        let entry = self.present(wanted.key, now)?;
        Some(if wanted.value { entry.clone() } else { Entry { value: None, ..entry.clone() } })
    }

    /// The field, unless it is a tombstone or expired.
    fn present(&self, key: &str, now: SystemTime) -> Option<&Entry> {
        self.entry(key).filter(|entry| entry.value.is_some() && entry.expires.is_none_or(|expires| now < expires))
    }

    fn entry(&self, key: &str) -> Option<&Entry> {
        self.position(key).ok().map(|at| &self.fields[at].1)
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(other, _)| (**other).cmp(key))
    }

    /// Whether the changes were applied before: one of their writes is there, or was overwritten since.
    fn has_had_writes_of(&self, changes: &ChangeSet) -> bool {
        let is_there = |field: &SetField| self.entry(field.key).is_some_and(|entry| entry.revision == field.revision);
        let was_there = |field: &SetField| {
            let of_field = self.overwritten.iter().find(|(key, _)| **key == *field.key);
            of_field.is_some_and(|(_, revisions)| revisions.contains(&field.revision))
        };
        changes.set.iter().any(|field| is_there(field) || was_there(field))
    }

    fn remember_overwritten(&mut self, key: &str, revision: Revision) {
        match self.overwritten.iter_mut().find(|(other, _)| **other == *key) {
            Some((_, revisions)) => {
                revisions.insert(0, revision);
                revisions.truncate(REMEMBERED_WRITES);
            }
            None => self.overwritten.push((key.into(), vec![revision])),
        }
    }

    fn is_as_expected(&self, changes: &ChangeSet, now: SystemTime) -> bool {
        changes.expect.iter().all(|expect| self.present(expect.key, now).map(|entry| entry.revision) == expect.revision)
    }

    fn write(&mut self, changes: &ChangeSet, now: SystemTime) {
        self.fields.retain(|(key, entry)| {
            let expired = entry.expires.is_some_and(|expires| expires <= now);
            !expired && !changes.remove.contains(&&**key)
        });
        for field in &changes.set {
            let entry = Entry { value: field.value.clone(), revision: field.revision, expires: field.expiry.at(now) };
            match self.position(field.key) {
                Ok(at) => {
                    let before = std::mem::replace(&mut self.fields[at].1, entry);
                    self.remember_overwritten(field.key, before.revision);
                }
                Err(at) => self.fields.insert(at, (field.key.into(), entry)),
            }
        }
        for change in &changes.index {
            self.index.retain(|(index, _)| **index != *change.index);
            if let Some(value) = &change.value {
                self.index.push((change.index.into(), value.clone()));
            }
        }
        write_meta(&mut self.meta, changes, now);
    }
}

fn write_meta(meta: &mut Meta, changes: &ChangeSet, now: SystemTime) {
    if let Some(grace) = changes.retire_previous.filter(|_| is_by_the_present_secret(meta, &changes.basis)) {
        retire_previous(meta, later(now, grace));
    }
    if let Some(rotate) = &changes.rotate {
        replace_secret(meta, rotate, now);
    }
    if let Some(idle) = changes.touch.filter(|idle| touch_is_due(meta.idle_deadline, *idle, now)) {
        meta.idle_deadline = later(now, idle);
    }
    if let Some(absolute) = changes.absolute {
        meta.absolute_deadline = later(now, absolute);
    }
    if let Some(life) = changes.remember {
        meta.idle_deadline = later(now, life);
        meta.absolute_deadline = later(now, life);
        meta.persistent = true;
    }
    if changes.authenticated {
        meta.authenticated = Some(now);
    }
}

/// A predecessor that is presented itself does not end itself.
fn is_by_the_present_secret(meta: &Meta, basis: &Basis) -> bool {
    !matches!(basis, Basis::Guard(Guard::Secret(hash)) if *hash != meta.secret_hash)
}

fn retire_previous(meta: &mut Meta, until: SystemTime) {
    let is_open_ended = |previous: &&mut Previous| previous.kind == PreviousKind::Renewed && previous.until.is_none();
    if let Some(previous) = meta.previous.as_mut().filter(is_open_ended) {
        previous.until = Some(until);
    }
}

fn replace_secret(meta: &mut Meta, rotate: &Rotate, now: SystemTime) {
    let (kind, until) = match rotate.kind {
        RotateKind::Renew(seen) if seen != meta.secret_hash => return,
        RotateKind::Renew(_) => (PreviousKind::Renewed, None),
        RotateKind::Supersede(epoch, recognised) => {
            meta.epoch = epoch;
            (PreviousKind::Superseded, Some(later(now, recognised)))
        }
    };
    meta.previous = Some(Previous { hash: rotate.from, kind, until });
    meta.secret_hash = rotate.to;
    meta.secret_since = now;
}

/// Applies `changes` to what is stored under their ID, whole or not at all. Gives back the record to be stored when the
/// changes create one.
pub fn commit(
    stored: Option<&mut WholeRecord>,
    changes: &ChangeSet,
    now: SystemTime,
) -> (Outcome, Option<WholeRecord>) {
    match (&changes.basis, stored) {
        (Basis::Create(create), None) => {
            let mut record = created(create, now);
            record.write(changes, now);
            (Outcome::Applied { meta: record.meta.clone(), now }, Some(record))
        }
        (Basis::Create(create), Some(record)) => (created_already(record, create, now), None),
        (Basis::Guard(guard), Some(record)) if record.meta.is_live(now) => (change(record, guard, changes, now), None),
        (Basis::Guard(_), _) => (Outcome::Gone, None),
    }
}

fn created_already(record: &WholeRecord, create: &Create, now: SystemTime) -> Outcome {
    if record.meta.is_live(now) && record.meta.secret_hash == create.secret_hash {
        Outcome::Applied { meta: record.meta.clone(), now }
    } else {
        Outcome::Gone
    }
}

fn created(create: &Create, now: SystemTime) -> WholeRecord {
    let meta = Meta {
        secret_hash: create.secret_hash,
        secret_since: now,
        previous: None,
        epoch: create.epoch,
        created: now,
        idle_deadline: later(now, create.idle),
        absolute_deadline: later(now, create.absolute),
        authenticated: None,
        persistent: false,
    };
    WholeRecord { meta, fields: Vec::new(), overwritten: Vec::new(), index: Vec::new() }
}

fn change(record: &mut WholeRecord, guard: &Guard, changes: &ChangeSet, now: SystemTime) -> Outcome {
    let applied = |record: &WholeRecord| Outcome::Applied { meta: record.meta.clone(), now };
    // Its new secret is what opens the session now, so that its guard does not.
    if changes.rotate.as_ref().is_some_and(|rotate| rotate.to == record.meta.secret_hash) {
        return applied(record);
    }
    match record.meta.admits(guard, now) {
        Access::Open if record.has_had_writes_of(changes) => return applied(record),
        Access::Open => {}
        Access::Superseded => return Outcome::Superseded,
        Access::Reused => return Outcome::Reused,
        Access::Unknown => return Outcome::Gone,
    }
    if !record.is_as_expected(changes, now) {
        let current = changes.expect.iter().map(|expect| record.present(expect.key, now).cloned()).collect();
        return Outcome::Conflict(current);
    }
    record.write(changes, now);
    applied(record)
}

/// Whether the record may be destroyed under this guard; taking it away is the caller's.
pub fn ending(stored: Option<&WholeRecord>, guard: &Guard, now: SystemTime) -> Ending {
    let access = match stored.filter(|record| record.meta.is_live(now)) {
        Some(record) => record.meta.admits(guard, now),
        None => Access::Unknown,
    };
    match access {
        Access::Open => Ending::Destroyed,
        Access::Superseded => Ending::Superseded,
        Access::Reused | Access::Unknown => Ending::Gone,
    }
}
