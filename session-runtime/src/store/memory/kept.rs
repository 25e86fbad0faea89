//! A session as it is kept in memory: in as few bytes as can be.

use std::sync::Arc;
use std::time::SystemTime;

use super::moment::Moment;
use crate::record::{self, Entry, Epoch, Meta, Previous, Record, Revision, Select, is_same_key};
use crate::store::apply::{self, Held, HeldEntry};
use crate::token::SecretHash;

pub(super) struct Kept {
    secret_hash: SecretHash,
    secret_since: Moment,
    epoch: Epoch,
    created: Moment,
    idle_deadline: Moment,
    absolute_deadline: Moment,
    authenticated: Option<Moment>,
    persistent: bool,
    /// By key, sorted.
    fields: Vec<Field>,
    /// What most sessions have nothing of.
    rest: Option<Box<Rest>>,
}

struct Field {
    key: &'static str,
    /// `None` in a tombstone.
    value: Option<Arc<[u8]>>,
    revision: Revision,
    expires: Option<Moment>,
}

impl Field {
    fn entry(&self) -> HeldEntry<'_> {
        let expires = self.expires.map(SystemTime::from);
        HeldEntry { value: self.value.as_ref(), revision: self.revision, expires }
    }
}

#[derive(Default)]
struct Rest {
    previous: Option<Previous>,
    /// The latest overwritten writes to each field, by key, the last first.
    overwritten: Vec<(&'static str, Vec<Revision>)>,
    index: Vec<IndexEntry>,
}

/// An index's name and a value in it.
pub(super) type IndexEntry = (&'static str, Arc<str>);

impl Kept {
    /// When the session ends.
    pub(super) fn deadline(&self) -> Moment {
        self.idle_deadline.min(self.absolute_deadline)
    }

    pub(super) fn index(&self) -> &[IndexEntry] {
        self.rest.as_ref().map_or(&[], |rest| &rest.index)
    }

    /// What a load answers.
    pub(super) fn select(&self, select: &[Select], now: SystemTime) -> Option<Record> {
        if SystemTime::from(self.deadline()) <= now {
            return None;
        }
        // What is asked for is sorted, nearly always: most fields are where the one before them lets expect.
        let mut next = 0;
        let selected = |wanted: &Select| {
            let at = self.position_near(next, wanted.key)?;
            next = at + 1;
            self.fields[at].entry().select(wanted.value, now)
        };
        Some(Record { fields: select.iter().map(selected).collect(), meta: Box::new(self.meta()), now })
    }

    fn position(&self, key: &str) -> Result<usize, usize> {
        record::position(&self.fields, key, |field| field.key)
    }

    fn position_near(&self, at: usize, key: &str) -> Option<usize> {
        let is_there = self.fields.get(at).is_some_and(|field| is_same_key(field.key, key));
        if is_there { Some(at) } else { self.position(key).ok() }
    }

    fn set_previous(&mut self, meta: &Meta) {
        if self.rest.is_some() || meta.previous.is_some() {
            self.rest().previous.clone_from(&meta.previous);
        }
    }

    fn rest(&mut self) -> &mut Rest {
        self.rest.get_or_insert_default()
    }
}

impl Held for Kept {
    fn new(meta: &Meta, fields: usize) -> Self {
        let mut kept = Self {
            secret_hash: meta.secret_hash,
            secret_since: meta.secret_since.into(),
            epoch: meta.epoch,
            created: meta.created.into(),
            idle_deadline: meta.idle_deadline.into(),
            absolute_deadline: meta.absolute_deadline.into(),
            authenticated: meta.authenticated.map(Moment::from),
            persistent: meta.persistent,
            fields: Vec::with_capacity(fields),
            rest: None,
        };
        kept.set_previous(meta);
        kept
    }

    fn meta(&self) -> Meta {
        Meta {
            secret_hash: self.secret_hash,
            secret_since: self.secret_since.into(),
            previous: self.rest.as_ref().and_then(|rest| rest.previous.clone()),
            epoch: self.epoch,
            created: self.created.into(),
            idle_deadline: self.idle_deadline.into(),
            absolute_deadline: self.absolute_deadline.into(),
            authenticated: self.authenticated.map(SystemTime::from),
            persistent: self.persistent,
        }
    }

    fn set_meta(&mut self, meta: &Meta) {
        self.secret_hash = meta.secret_hash;
        self.secret_since = meta.secret_since.into();
        self.epoch = meta.epoch;
        self.created = meta.created.into();
        self.idle_deadline = meta.idle_deadline.into();
        self.absolute_deadline = meta.absolute_deadline.into();
        self.authenticated = meta.authenticated.map(Moment::from);
        self.persistent = meta.persistent;
        self.set_previous(meta);
    }

    fn entry(&self, key: &str) -> Option<HeldEntry<'_>> {
        self.position(key).ok().map(|at| self.fields[at].entry())
    }

    fn was_overwritten(&self, key: &str, revision: Revision) -> bool {
        let mut overwritten = self.rest.iter().flat_map(|rest| &rest.overwritten);
        overwritten.any(|(other, revisions)| *other == key && revisions.contains(&revision))
    }

    fn put(&mut self, key: &'static str, Entry { value, revision, expires }: Entry) {
        let field = Field { key, value, revision, expires: expires.map(Moment::from) };
        match self.position(key) {
            Ok(at) => {
                let before = std::mem::replace(&mut self.fields[at], field).revision;
                let overwritten = &mut self.rest().overwritten;
                match overwritten.iter_mut().find(|(other, _)| *other == key) {
                    Some((_, revisions)) => apply::remember(revisions, before),
                    None => overwritten.push((key, vec![before])),
                }
            }
            Err(at) => {
                // Few sessions get more fields than they began with.
                self.fields.reserve_exact(1);
                self.fields.insert(at, field);
            }
        }
    }

    fn retain(&mut self, mut is_kept: impl FnMut(&str, Option<SystemTime>) -> bool) {
        self.fields.retain(|field| is_kept(field.key, field.expires.map(SystemTime::from)));
    }

    fn enter(&mut self, index: &'static str, value: Option<&str>) {
        let entries = &mut self.rest().index;
        entries.retain(|(other, _)| *other != index);
        entries.extend(value.map(|value| (index, value.into())));
    }
}
