//! Values of older types, and how they become values of the present one.

use super::value::Value;
use crate::codec::shape::Shape;
use crate::codec::{Codec, CodecError, Envelope};

/// The `migrate(…)` attributes of the field at this place in a schema.
#[doc(hidden)]
pub trait Migrate<V, const FIELD: usize>: Sized {
    fn migrate(stored: Stored<'_, V>) -> Stored<'_, V>;
}

/// A type whose values become values of the field at this place in the schema `T`: the field's own type, and each type that a
/// `migrate` of this field takes.
#[diagnostic::on_unimplemented(
    message = "`migrate` must lead to `{V}`, the field's type, but ends at `{Self}`",
    label = "returns `{Self}`",
    note = "return `{V}`, or a type that another `migrate` of this field takes"
)]
#[doc(hidden)]
pub trait Upgrade<T, V, const FIELD: usize> {
    /// The value of the field, by at most so many steps; `None` where they would not do: functions can lead in a circle.
    fn upgrade(self, steps: Steps) -> Option<V>;
}

#[diagnostic::do_not_recommend]
impl<T, V, const FIELD: usize> Upgrade<T, V, FIELD> for V {
    fn upgrade(self, _: Steps) -> Option<V> {
        Some(self)
    }
}

/// How many steps an upgrade may still take.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Steps(u8);

/// More than any field has `migrate`s.
const MAX_STEPS: Steps = Steps(u8::MAX);

fn read<O: Value, V>(
    stored: &Envelope<'_>,
    upgrade: impl FnOnce(O, Steps) -> Option<V>,
) -> Result<Option<V>, CodecError> {
    let Some(old) = O::decode(stored, stored.written.version)? else { return Ok(None) };
    match upgrade(old, MAX_STEPS) {
        Some(value) => Ok(Some(value)),
        None => Err(CodecError::new("the functions of its `migrate` lead in a circle")),
    }
}

/// Goes on with what a step has given.
#[doc(hidden)]
pub fn go_on<T, V, const FIELD: usize, New: Upgrade<T, V, FIELD>>(new: New, Steps(left): Steps) -> Option<V> {
    new.upgrade(Steps(left.checked_sub(1)?))
}

/// One step of an upgrade. Calling the function here tells a closure what its argument is.
#[doc(hidden)]
pub fn step<Old, New>(old: Old, upgrade: impl FnOnce(Old) -> New) -> New {
    upgrade(old)
}

/// A stored value that is not of the field's present shape, on its way past the types that it may have.
#[doc(hidden)]
#[derive(Debug)]
pub struct Stored<'s, V> {
    /// The value, and the present version of its field; `None` where it is only asked which types there are.
    reading: Option<(Envelope<'s>, u32)>,
    upgraded: Result<Option<V>, CodecError>,
    olds: Vec<Old>,
}

/// A type that is upgraded when it is read.
#[derive(Debug)]
pub(crate) struct Old {
    /// The only version that is meant, if one was said.
    version: Option<u32>,
    pub(crate) shape: fn(Codec) -> &'static Shape,
}

impl Old {
    pub(crate) fn version(&self) -> Option<u32> {
        self.version
    }

    /// Whether this is meant for values that were written in this version.
    pub(crate) fn takes(&self, stored: u32, present: u32) -> bool {
        // What is newer than this program was written by one that knows better.
        self.version.map_or(stored <= present, |version| version == stored)
    }
}

impl<'s, V> Stored<'s, V> {
    pub(super) fn reading(stored: Envelope<'s>, version: u32) -> Self {
        Self { reading: Some((stored, version)), upgraded: Ok(None), olds: Vec::new() }
    }

    pub(super) fn listing() -> Self {
        Self { reading: None, upgraded: Ok(None), olds: Vec::new() }
    }

    /// Reads the value as an `O`, if it is one and nothing before has read it.
    pub fn from<O: Value>(mut self, version: Option<u32>, upgrade: impl FnOnce(O, Steps) -> Option<V>) -> Self {
        let old = Old { version, shape: O::shape };
        match &self.reading {
            None => self.olds.push(old),
            Some((stored, present)) => {
                if matches!(self.upgraded, Ok(None)) && old.takes(stored.written.version, *present) {
                    self.upgraded = read(stored, upgrade);
                }
            }
        }
        self
    }

    pub(super) fn upgraded(self) -> Result<Option<V>, CodecError> {
        self.upgraded
    }

    pub(super) fn into_olds(self) -> Vec<Old> {
        self.olds
    }
}
