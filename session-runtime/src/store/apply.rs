//! A change set applied to a record that is held whole: for stores that keep records as values.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use crate::hidden::Hidden;
use crate::record::{
    Access, Basis, ChangeSet, Create, Ending, Entry, Guard, Meta, Outcome, Previous, PreviousKind, Record,
};
use crate::record::{REMEMBERED_WRITES, Revision, Rotate, RotateKind, Select, SetField, later, touch_is_due};

/// One session, held whole in whatever form. The rules of this module need no more of it.
pub trait Held: Sized {
    /// A record without any field, to which this many will be put.
    fn new(meta: &Meta, fields: usize) -> Self;

    /// All but the fields.
    fn meta(&self) -> Meta;

    /// Replaces all but the fields.
    fn set_meta(&mut self, meta: &Meta);

    /// What is held under this key: one that has expired and a tombstone, which has no value, too.
    fn entry(&self, key: &str) -> Option<HeldEntry<'_>>;

    /// Whether this is one of the last [`REMEMBERED_WRITES`] to the field that were overwritten.
    fn was_overwritten(&self, key: &str, revision: Revision) -> bool;

    /// Puts the entry in place of the one that there is, whose revision is remembered as overwritten.
    fn put(&mut self, key: &'static str, entry: Entry);

    /// Takes out all entries but those of which this holds, by their key and the time when they end.
    fn retain(&mut self, is_kept: impl FnMut(&str, Option<SystemTime>) -> bool);

    /// Enters the session in the index under this value alone, or takes it out.
    fn enter(&mut self, index: &'static str, value: Option<&str>);
}

/// An [`Entry`] where it is held. Its `Debug` text does not show the value.
#[derive(Clone, Copy)]
pub struct HeldEntry<'r> {
    /// The encoded value; `None` in a tombstone.
    pub value: Option<&'r Arc<[u8]>>,
    /// Which write put it there.
    pub revision: Revision,
    /// When it ends.
    pub expires: Option<SystemTime>,
}

impl fmt::Debug for HeldEntry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, revision, expires } = self;
        let value = value.map(Hidden::of);
        f.debug_struct("HeldEntry")
            .field("value", &value)
            .field("revision", revision)
            .field("expires", expires)
            .finish()
    }
}

impl HeldEntry<'_> {
    /// The entry as it is answered; `None` for a tombstone and for one that has expired.
    pub fn present(self, now: SystemTime) -> Option<Entry> {
        self.select(true, now)
    }

    /// The same, with its value or without.
    pub(super) fn select(self, with_value: bool, now: SystemTime) -> Option<Entry> {
        let Self { value, revision, expires } = self;
        let value = value.filter(|_| expires.is_none_or(|expires| now < expires))?;
        Some(Entry { value: with_value.then(|| Arc::clone(value)), revision, expires })
    }
}

/// One session, whole, in its plain form: its meta, its fields and its index entries. Its `Debug` text does not show values.
#[derive(Clone)]
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

impl fmt::Debug for WholeRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { meta, fields, overwritten, index } = self;
        let index: Vec<_> = index.iter().map(|(name, value)| (name, Hidden::of(value))).collect();
        let mut text = f.debug_struct("WholeRecord");
        text.field("meta", meta)
            .field("fields", fields)
            .field("overwritten", overwritten)
            .field("index", &index)
            .finish()
    }
}

impl WholeRecord {
    /// What a load answers.
    pub fn select(&self, select: &[Select], now: SystemTime) -> Option<Record> {
        self.meta.is_live(now).then(|| Record {
            meta: Box::new(self.meta.clone()),
            fields: select.iter().map(|wanted| self.selected(wanted, now)).collect(),
            now,
        })
    }

    fn selected(&self, wanted: &Select, now: SystemTime) -> Option<Entry> {
        self.entry(wanted.key)?.select(wanted.value, now)
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        self.fields.binary_search_by(|(other, _)| (**other).cmp(key))
    }

    fn remember_overwritten(&mut self, key: &str, revision: Revision) {
        match self.overwritten.iter_mut().find(|(other, _)| **other == *key) {
            Some((_, revisions)) => remember(revisions, revision),
            None => self.overwritten.push((key.into(), vec![revision])),
        }
    }
}

/// Has the revision remembered before all others.
pub(super) fn remember(revisions: &mut Vec<Revision>, latest: Revision) {
    revisions.truncate(REMEMBERED_WRITES - 1);
    revisions.insert(0, latest);
}

impl Held for WholeRecord {
    fn new(meta: &Meta, fields: usize) -> Self {
        Self { meta: meta.clone(), fields: Vec::with_capacity(fields), overwritten: Vec::new(), index: Vec::new() }
    }

    fn meta(&self) -> Meta {
        self.meta.clone()
    }

    fn set_meta(&mut self, meta: &Meta) {
        self.meta.clone_from(meta);
    }

    fn entry(&self, key: &str) -> Option<HeldEntry<'_>> {
        let (_, Entry { value, revision, expires }) = &self.fields[self.position(key).ok()?];
        Some(HeldEntry { value: value.as_ref(), revision: *revision, expires: *expires })
    }

    fn was_overwritten(&self, key: &str, revision: Revision) -> bool {
        let of_field = self.overwritten.iter().find(|(other, _)| **other == *key);
        of_field.is_some_and(|(_, revisions)| revisions.contains(&revision))
    }

    fn put(&mut self, key: &'static str, entry: Entry) {
        match self.position(key) {
            Ok(at) => {
                let before = std::mem::replace(&mut self.fields[at].1, entry);
                self.remember_overwritten(key, before.revision);
            }
            Err(at) => self.fields.insert(at, (key.into(), entry)),
        }
    }

    fn retain(&mut self, mut is_kept: impl FnMut(&str, Option<SystemTime>) -> bool) {
        self.fields.retain(|(key, entry)| is_kept(key, entry.expires));
    }

    fn enter(&mut self, index: &'static str, value: Option<&str>) {
        self.index.retain(|(other, _)| **other != *index);
        self.index.extend(value.map(|value| (index.into(), value.to_owned())));
    }
}

/// Whether the changes were applied before: one of their writes is there, or was overwritten since.
fn has_had_writes_of(record: &impl Held, changes: &ChangeSet) -> bool {
    changes.set.iter().any(|SetField { key, revision, .. }| {
        record.entry(key).is_some_and(|entry| entry.revision == *revision) || record.was_overwritten(key, *revision)
    })
}

fn is_as_expected(record: &impl Held, changes: &ChangeSet, now: SystemTime) -> bool {
    let revision = |key| record.entry(key).and_then(|entry| entry.present(now)).map(|entry| entry.revision);
    changes.expect.iter().all(|expect| revision(expect.key) == expect.revision)
}

fn write(record: &mut impl Held, mut meta: Box<Meta>, changes: &ChangeSet, now: SystemTime) -> Outcome {
    record.retain(|key, expires| expires.is_none_or(|expires| now < expires) && !changes.remove.contains(&key));
    for SetField { key, value, revision, expiry } in &changes.set {
        record.put(key, Entry { value: value.clone(), revision: *revision, expires: expiry.at(now) });
    }
    for change in &changes.index {
        record.enter(change.index, change.value.as_deref());
    }
    if write_meta(&mut meta, changes, now) {
        record.set_meta(&meta);
    }
    Outcome::Applied { meta, now }
}

/// Says whether it wrote anything.
fn write_meta(meta: &mut Meta, changes: &ChangeSet, now: SystemTime) -> bool {
    let retire = changes.retire_previous.filter(|_| is_by_the_present_secret(meta, &changes.basis));
    let mut wrote = retire.is_some_and(|grace| retire_previous(meta, later(now, grace)));
    if let Some(rotate) = &changes.rotate {
        replace_secret(meta, rotate, now);
        wrote = true;
    }
    if let Some(idle) = changes.touch.filter(|idle| touch_is_due(meta.idle_deadline, *idle, now)) {
        meta.idle_deadline = later(now, idle);
        wrote = true;
    }
    if let Some(absolute) = changes.absolute {
        meta.absolute_deadline = later(now, absolute);
        wrote = true;
    }
    if let Some(life) = changes.remember {
        meta.idle_deadline = later(now, life);
        meta.absolute_deadline = later(now, life);
        meta.persistent = true;
        wrote = true;
    }
    if changes.authenticated {
        meta.authenticated = Some(now);
        wrote = true;
    }
    wrote
}

/// A predecessor that is presented itself does not end itself.
fn is_by_the_present_secret(meta: &Meta, basis: &Basis) -> bool {
    !matches!(basis, Basis::Guard(Guard::Secret(hash)) if *hash != meta.secret_hash)
}

fn retire_previous(meta: &mut Meta, until: SystemTime) -> bool {
    let is_open_ended = |previous: &&mut Previous| previous.kind == PreviousKind::Renewed && previous.until.is_none();
    let open_ended = meta.previous.as_mut().filter(is_open_ended);
    open_ended.map(|previous| previous.until = Some(until)).is_some()
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
pub fn commit<R: Held>(stored: Option<&mut R>, changes: &ChangeSet, now: SystemTime) -> (Outcome, Option<R>) {
    match (&changes.basis, stored) {
        (Basis::Create(create), None) => {
            let meta = Box::new(created(create, now));
            let mut record = R::new(&meta, changes.set.len());
            (write(&mut record, meta, changes, now), Some(record))
        }
        (Basis::Create(create), Some(record)) => (created_already(Box::new(record.meta()), create, now), None),
        (Basis::Guard(guard), Some(record)) => (change(record, guard, changes, now), None),
        (Basis::Guard(_), None) => (Outcome::Gone, None),
    }
}

fn created_already(meta: Box<Meta>, create: &Create, now: SystemTime) -> Outcome {
    if meta.is_live(now) && meta.secret_hash == create.secret_hash {
        Outcome::Applied { meta, now }
    } else {
        Outcome::Gone
    }
}

fn created(create: &Create, now: SystemTime) -> Meta {
    Meta {
        secret_hash: create.secret_hash,
        secret_since: now,
        previous: None,
        epoch: create.epoch,
        created: now,
        idle_deadline: later(now, create.idle),
        absolute_deadline: later(now, create.absolute),
        authenticated: None,
        persistent: false,
    }
}

fn change(record: &mut impl Held, guard: &Guard, changes: &ChangeSet, now: SystemTime) -> Outcome {
    let meta = Box::new(record.meta());
    if !meta.is_live(now) {
        return Outcome::Gone;
    }
    // Its new secret is what opens the session now, so that its guard does not.
    if changes.rotate.as_ref().is_some_and(|rotate| rotate.to == meta.secret_hash) {
        return Outcome::Applied { meta, now };
    }
    match meta.admits(guard, now) {
        Access::Open if has_had_writes_of(record, changes) => return Outcome::Applied { meta, now },
        Access::Open => {}
        Access::Superseded => return Outcome::Superseded,
        Access::Reused => return Outcome::Reused,
        Access::Unknown => return Outcome::Gone,
    }
    if !is_as_expected(record, changes, now) {
        let current = |key| record.entry(key).and_then(|entry| entry.present(now));
        return Outcome::Conflict(changes.expect.iter().map(|expect| current(expect.key)).collect());
    }
    write(record, meta, changes, now)
}

/// Whether the record may be destroyed under this guard; taking it away is the caller's.
pub fn ending<R: Held>(stored: Option<&R>, guard: &Guard, now: SystemTime) -> Ending {
    let access = match stored.map(Held::meta).filter(|meta| meta.is_live(now)) {
        Some(meta) => meta.admits(guard, now),
        None => Access::Unknown,
    };
    match access {
        Access::Open => Ending::Destroyed,
        Access::Superseded => Ending::Superseded,
        Access::Reused => Ending::Reused,
        Access::Unknown => Ending::Gone,
    }
}
