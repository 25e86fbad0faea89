//! What a handle knows of the stored fields.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use smallvec::SmallVec;

use super::changes::{Expected, Write};
use super::layout::{Layout, selected};
use crate::record::{Entry, Expect, Expiry, Select};
use crate::schema::FieldSpec;

/// The stored fields as the store last showed them, with this handle's own commits.
#[derive(Debug, Default)]
pub(crate) struct View {
    /// The fields as they were loaded, in the order of the layout; `None` in it: seen to be absent. Lazy ones without a value.
    loaded: Option<Vec<Option<Entry>>>,
    /// What this handle has committed before that.
    written: SmallVec<[(&'static str, Option<Entry>); 1]>,
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

impl Look {
    /// The value, if it is known.
    pub(crate) fn value(self) -> Option<Arc<[u8]>> {
        match self {
            Self::Value(value) => Some(value),
            Self::Unknown | Self::Absent | Self::Exists => None,
        }
    }
}

/// A stored field as a compare-and-swap starts from it.
#[derive(Debug, Default)]
pub(crate) struct Base {
    pub(crate) value: Option<Arc<[u8]>>,
    /// The expiry that the value has.
    pub(crate) expiry: Option<Expiry>,
    /// What must still be so when the result is stored.
    pub(crate) expect: Expected,
}

impl View {
    /// What is known of the field at the time `now`, which is asked for only where a value ends before its session.
    pub(crate) fn look(&self, spec: &FieldSpec, layout: &Layout, now: impl Fn() -> SystemTime) -> Look {
        for key in spec.keys() {
            match self.seen(key, layout) {
                None => return Look::Unknown,
                Some(entry) => match entry.filter(|entry| is_present(entry, &now)) {
                    None => {}
                    Some(Entry { value: Some(value), .. }) => return Look::Value(Arc::clone(value)),
                    Some(Entry { value: None, .. }) => return Look::Exists,
                },
            }
        }
        Look::Absent
    }

    /// What is stored under the key, if that is known: absent fields too.
    fn seen(&self, key: &str, layout: &Layout) -> Option<Option<&Entry>> {
        match &self.loaded {
            Some(entries) => Some(entries.get(layout.position(key)?)?.as_ref()),
            None => self.written.iter().find(|(written, _)| *written == key).map(|(_, entry)| entry.as_ref()),
        }
    }

    /// Whether exactly these bytes are stored, under the field's own key and for as long as the session lives.
    pub(crate) fn holds(&self, spec: &FieldSpec, value: &Arc<[u8]>, layout: &Layout) -> bool {
        let entry = self.seen(spec.key, layout).flatten();
        entry.is_some_and(|entry| entry.expires.is_none() && entry.value.as_ref() == Some(value))
    }

    /// Where a compare-and-swap starts.
    pub(crate) fn base(&self, spec: &FieldSpec, layout: &Layout, now: impl Fn() -> SystemTime) -> Base {
        let mut base = Base::default();
        for key in spec.keys() {
            let entry = self.seen(key, layout).flatten().filter(|entry| is_present(entry, &now));
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
    pub(crate) fn missing_values<'l>(
        &self,
        wanted: impl Iterator<Item = FieldSpec>,
        layout: &'l Layout,
        now: impl Fn() -> SystemTime,
    ) -> Cow<'l, [Select]> {
        let is_missing = |spec: &FieldSpec| matches!(self.look(spec, layout, &now), Look::Unknown | Look::Exists);
        let missing: Vec<_> = wanted.filter(is_missing).collect();
        match (&self.loaded, missing.is_empty()) {
            (_, true) => Cow::Borrowed(&[]),
            (Some(_), false) => missing.iter().flat_map(|spec| selected(spec, true)).collect(),
            (None, false) => layout.first_selection(&missing),
        }
    }

    /// What to ask the store for, so that it is known which fields there are; nothing if it is.
    pub(crate) fn missing_keys<'l>(&self, layout: &'l Layout) -> Cow<'l, [Select]> {
        if self.is_loaded() { Cow::Borrowed(&[]) } else { layout.first_selection(&[]) }
    }

    /// Whether the fields were loaded.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded.is_some()
    }

    /// Takes in what the store answered to `select`: the whole layout the first time.
    pub(crate) fn learn(&mut self, select: &[Select], entries: Vec<Option<Entry>>, layout: &Layout) {
        if self.loaded.is_none() {
            self.loaded = Some(entries);
            return;
        }
        for (asked, entry) in select.iter().zip(entries) {
            self.see(asked.key, entry, layout);
        }
    }

    fn see(&mut self, key: &'static str, entry: Option<Entry>, layout: &Layout) {
        match (&mut self.loaded, layout.position(key)) {
            (Some(entries), at) => {
                if let Some(known) = at.and_then(|at| entries.get_mut(at)) {
                    *known = entry;
                }
            }
            (None, _) => {
                self.written.retain(|(written, _)| *written != key);
                self.written.push((key, entry));
            }
        }
    }

    /// Takes in fields that a commit found to be otherwise than expected.
    pub(crate) fn correct(&mut self, expect: &[Expect], current: Vec<Option<Entry>>, layout: &Layout) {
        for (expected, entry) in expect.iter().zip(current) {
            self.see(expected.key, entry, layout);
        }
    }

    /// Takes in which fields a commit found to be absent, as expected: nothing has told this handle yet, maybe.
    pub(crate) fn confirm(&mut self, expect: &[Expect], layout: &Layout) {
        for absent in expect.iter().filter(|expect| expect.revision.is_none()) {
            self.see(absent.key, None, layout);
        }
    }

    /// Takes in a write that the store applied at `now`.
    pub(crate) fn wrote(&mut self, write: &Write, layout: &Layout, now: SystemTime) {
        for alias in write.spec.aliases {
            self.see(alias, None, layout);
        }
        let entry = write.value.clone().map(|value| Entry {
            value: Some(value),
            revision: write.revision,
            expires: write.expiry.at(now),
        });
        self.see(write.spec.key, entry, layout);
    }
}

fn is_present(entry: &Entry, now: impl Fn() -> SystemTime) -> bool {
    entry.expires.is_none_or(|expires| now() < expires)
}
