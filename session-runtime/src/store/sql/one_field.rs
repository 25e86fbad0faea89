//! The change that nearly all commits are: one field of a session that is there, by somebody who may write to it, while nothing
//! else is due. A plain statement does that for less than the procedure, which has more to look at.
//!
//! It changes nothing where anything is not as it expects, and gives no row then: the procedure is asked what to answer.

use std::time::Duration;

use crate::record::{Basis, ChangeSet, Expect, Guard, Revision, SetField};

/// The statements for such a change.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Statements<T> {
    /// Whatever the field is.
    pub(in crate::store) set: T,
    /// If the field is there, with the revision that was seen.
    pub(in crate::store) swap: T,
}

impl<T> Statements<T> {
    pub(in crate::store) fn of(&self, change: &OneField<'_>) -> &T {
        if change.seen.is_some() { &self.swap } else { &self.set }
    }

    pub(in crate::store) fn map<U>(&self, text: impl Fn(&T) -> U) -> Statements<U> {
        Statements { set: text(&self.set), swap: text(&self.swap) }
    }
}

/// Such a change.
#[derive(Debug)]
pub(in crate::store) struct OneField<'c> {
    pub(in crate::store) guard: &'c Guard,
    pub(in crate::store) field: &'c SetField,
    pub(in crate::store) seen: Option<Revision>,
    /// Where a touch is due, this is no such change.
    pub(in crate::store) touch: Option<Duration>,
    /// Where a renewed secret is to be retired, this is no such change.
    pub(in crate::store) retires: bool,
}

impl<'c> OneField<'c> {
    /// The change set as such a change, if it is one.
    pub(in crate::store) fn of(changes: &'c ChangeSet) -> Option<Self> {
        let ChangeSet {
            basis: Basis::Guard(guard @ (Guard::Secret(_) | Guard::Epoch(_))),
            expect,
            set,
            remove,
            rotate: None,
            touch,
            absolute: None,
            remember: None,
            authenticated: false,
            retire_previous,
            index,
        } = changes
        else {
            return None;
        };
        let ([field], true) = (set.as_slice(), remove.is_empty() && index.is_empty()) else { return None };
        let seen = match expect.as_slice() {
            [] => None,
            [Expect { key, revision: Some(revision) }] if *key == field.key => Some(*revision),
            _ => return None,
        };
        Some(Self { guard, field, seen, touch: *touch, retires: retire_previous.is_some() })
    }
}
