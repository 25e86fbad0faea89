//! Checks, while a value is written, that it will be read as it is.
//!
//! bincode writes what it is given, without a word of what that is. A field that was left out (`skip_serializing_if`), or a
//! type that writes itself otherwise than it reads itself, would be noticed when the value is asked for; here it is noticed
//! when it is set. JSON says what it writes, but has one word, `null`, for several things: a `Some` that would come back as
//! `None` is noticed here too.

mod compounds;
mod part;
mod place;

use std::cell::{Cell, RefCell};

use serde::ser::Serialize;

use self::part::Part;
use self::place::Place;
use super::shape::{ROOT, Shape};
use super::{MAX_DEPTH, bounded};

/// One value's check.
pub(super) struct Conforming<'s> {
    type_name: &'static str,
    /// What must be written; `None` for JSON, whose values say what they are.
    shape: Option<&'s Shape>,
    max_depth: usize,
    finding: RefCell<Option<String>>,
    /// Whether elements are counted: where each takes a byte their bytes are.
    counts: bool,
    /// How many elements of lists and entries of maps there were so far.
    elements: Cell<usize>,
}

impl<'s> Conforming<'s> {
    /// For bincode: the value must be written as this shape.
    pub(super) fn to_shape(shape: &'s Shape) -> Self {
        Self { counts: bounded::is_needed(shape), ..Self::new(shape.type_name(), Some(shape), MAX_DEPTH) }
    }

    /// For JSON: a `Some` must not be mistaken for `None`. How deep lists and objects are is limited when they are read; this
    /// limit spares the stack, on which newtypes and each `Some` take their place too.
    pub(super) fn to_json(type_name: &'static str) -> Self {
        Self::new(type_name, None, 3 * MAX_DEPTH)
    }

    fn new(type_name: &'static str, shape: Option<&'s Shape>, max_depth: usize) -> Self {
        Self { type_name, shape, max_depth, finding: RefCell::default(), counts: false, elements: Cell::default() }
    }

    /// The value, to be written with the check.
    pub(super) fn value<'c, V: Serialize + ?Sized>(&'c self, value: &'c V) -> impl Serialize {
        Part { place: Place { check: self, node: self.shape.map(|_| ROOT), depth: 0, is_in_some: false }, value }
    }

    /// What is wrong with the value.
    pub(super) fn into_finding(self) -> Option<String> {
        self.finding.into_inner()
    }
}
