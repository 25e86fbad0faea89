//! What a handle has collected and not stored yet.

use std::sync::Arc;

use super::changes::{Changes, Write};
use crate::record::Revision;
use crate::schema::FieldSpec;

/// The buffer, which a commit shares while it stores what is in it: a write that comes meanwhile makes another one.
#[derive(Debug, Default)]
pub(crate) struct Buffer(Option<Arc<Changes>>);

impl Buffer {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|changes| changes.is_empty())
    }

    /// What is in it, if there is anything.
    pub(crate) fn changes(&self) -> Option<Arc<Changes>> {
        self.0.clone().filter(|changes| !changes.is_empty())
    }

    pub(crate) fn write_to(&self, spec: &FieldSpec) -> Option<&Write> {
        self.0.as_ref()?.write_to(spec)
    }

    pub(crate) fn revision_of(&self, spec: &FieldSpec) -> Option<Revision> {
        self.write_to(spec).map(|write| write.revision)
    }

    pub(crate) fn look(&self) -> Option<&Changes> {
        self.0.as_deref()
    }

    /// Whether somebody is to be signed in.
    pub(crate) fn authenticate(&self) -> bool {
        self.0.as_ref().is_some_and(|changes| changes.authenticate())
    }

    pub(crate) fn change(&mut self) -> &mut Changes {
        let changes = self.0.get_or_insert_default();
        let is_begun = Arc::strong_count(changes) > 1;
        let changes = Arc::make_mut(changes);
        if is_begun {
            changes.mark_begun();
        }
        changes
    }

    /// Takes back what was to be written to the field.
    pub(crate) fn forget(&mut self, spec: &FieldSpec) {
        if self.write_to(spec).is_some() {
            self.change().forget(spec);
        }
    }

    /// Takes out what was stored (or given up) meanwhile, and leaves what came after it.
    pub(crate) fn subtract(&mut self, done: &Arc<Changes>) {
        match &mut self.0 {
            None => {}
            Some(changes) if Arc::ptr_eq(changes, done) => self.0 = None,
            Some(changes) => Arc::make_mut(changes).subtract(done),
        }
    }

    /// Empties it.
    pub(crate) fn take(&mut self) -> Option<Arc<Changes>> {
        self.0.take().filter(|changes| !changes.is_empty())
    }
}
