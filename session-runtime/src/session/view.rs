//! What a handle knows of the stored fields.

use std::collections::BTreeMap;
use std::time::SystemTime;

use std::sync::Arc;

use super::changes::Write;
use crate::record::{Entry, Expect, Expiry, Select};
use crate::schema::FieldSpec;

/// The stored fields as the store last showed them, with this handle's own commits.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// By the key under which they are stored, aliases included. `None`: seen to be absent.
    seen: BTreeMap<&'static str, Option<Entry>>,
    /// Whether all fields that are not lazy were loaded.
    base: bool,
}

/// What is known of a field.
#[derive(Debug)]
pub(crate) enum Look {
    /// Nothing: the store must be asked.
    Unknown,
    /// It is not there.
    Absent,
    /// It is there; its value was not loaded.
    Exists,
    /// Its value.
    Value(Arc<[u8]>),
}

/// A stored field as a compare-and-swap starts from it.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) value: Option<Arc<[u8]>>,
    /// The expiry that the value has.
    pub(crate) expiry: Option<Expiry>,
    /// What must still be so when the result is stored.
    pub(crate) expect: Vec<Expect>,
}

impl View {
    pub(crate) fn look(&self, spec: FieldSpec, now: SystemTime) -> Look {
        for key in spec.keys() {
            match self.seen.get(key) {
                None => return Look::Unknown,
                Some(entry) => match entry.as_ref().filter(|entry| is_present(entry, now)) {
                    None => {}
                    Some(Entry { value: Some(value), .. }) => return Look::Value(value.clone()),
                    Some(Entry { value: None, .. }) => return Look::Exists,
                },
            }
        }
        Look::Absent
    }

    /// The field's value, as far as it is known.
    pub(crate) fn value(&self, spec: FieldSpec, now: SystemTime) -> Option<Arc<[u8]>> {
        match self.look(spec, now) {
            Look::Value(value) => Some(value),
            _ => None,
        }
    }

    /// Whether exactly these bytes are stored, under the field's own key and for as long as the session lives.
    pub(crate) fn holds(&self, spec: FieldSpec, value: &Arc<[u8]>, now: SystemTime) -> bool {
        let entry = self.seen.get(spec.key).and_then(Option::as_ref);
        entry.is_some_and(|entry| {
            is_present(entry, now) && entry.expires.is_none() && entry.value.as_ref() == Some(value)
        })
    }

    /// Where a compare-and-swap starts.
    pub(crate) fn base(&self, spec: FieldSpec, now: SystemTime) -> Base {
        let mut base = Base { value: None, expiry: None, expect: Vec::new() };
        for key in spec.keys() {
            let entry = self.seen.get(key).and_then(Option::as_ref).filter(|entry| is_present(entry, now));
            base.expect.push(Expect { key, revision: entry.map(|entry| entry.revision) });
            if let Some(entry) = entry {
                base.value.clone_from(&entry.value);
                base.expiry = Some(entry.expires.map_or(Expiry::Never, Expiry::At));
                break;
            }
        }
        base
    }

    /// What to ask the store for, so that the values of `wanted` are known; nothing if they are. The first question takes
    /// along all fields that are not lazy, and whether the lazy ones exist.
    pub(crate) fn missing_values(&self, fields: &[FieldSpec], wanted: &[FieldSpec], now: SystemTime) -> Vec<Select> {
        let is_missing = |spec: &&FieldSpec| matches!(self.look(**spec, now), Look::Unknown | Look::Exists);
        let missing: Vec<_> = wanted.iter().filter(is_missing).copied().collect();
        match (missing.is_empty(), self.base) {
            (true, _) => Vec::new(),
            (false, true) => select(&missing, |_| true),
            (false, false) => first_selection(fields, wanted),
        }
    }

    /// What to ask the store for, so that it is known which fields there are; nothing if it is.
    pub(crate) fn missing_keys(&self, fields: &[FieldSpec]) -> Vec<Select> {
        if self.base { Vec::new() } else { first_selection(fields, &[]) }
    }

    /// Whether anything was loaded.
    pub(crate) fn has_base(&self) -> bool {
        self.base
    }

    /// Takes in what the store answered to `select`.
    pub(crate) fn learn(&mut self, select: &[Select], entries: Vec<Option<Entry>>) {
        for (asked, entry) in select.iter().zip(entries) {
            self.seen.insert(asked.key, entry);
        }
        self.base = true;
    }

    /// Takes in fields that a commit found to be otherwise than expected.
    pub(crate) fn correct(&mut self, expect: &[Expect], current: Vec<Option<Entry>>) {
        for (expected, entry) in expect.iter().zip(current) {
            self.seen.insert(expected.key, entry);
        }
    }

    /// Takes in a write that the store applied at `now`.
    pub(crate) fn wrote(&mut self, write: &Write, now: SystemTime) {
        for alias in write.spec.aliases {
            self.seen.insert(alias, None);
        }
        let entry = write.value.clone().map(|value| Entry {
            value: Some(value),
            revision: write.revision,
            expires: write.expiry.at(now),
        });
        self.seen.insert(write.spec.key, entry);
    }
}

fn is_present(entry: &Entry, now: SystemTime) -> bool {
    entry.expires.is_none_or(|expires| now < expires)
}

/// All fields, with the values of those that are not lazy and those that are wanted.
pub(crate) fn first_selection(fields: &[FieldSpec], wanted: &[FieldSpec]) -> Vec<Select> {
    select(fields, |spec| !spec.lazy || wanted.iter().any(|wanted| wanted.key == spec.key))
}

fn select(fields: &[FieldSpec], value: impl Fn(&FieldSpec) -> bool) -> Vec<Select> {
    fields
        .iter()
        .flat_map(|spec| {
            let value = value(spec);
            spec.keys().map(move |key| Select { key, value })
        })
        .collect()
}
