//! What may be written where.

use std::fmt::Display;

use serde::ser::Error;

use super::Conforming;
use super::part::Part;
use crate::codec::shape::{Member, Node, NodeId, Scalar};
use crate::codec::{MAX_VALUE_BYTES, REMEDY};

/// A place in a value, while it is written.
#[derive(Clone, Copy)]
pub(super) struct Place<'c> {
    pub(super) check: &'c Conforming<'c>,
    /// Where it is in the shape, if there is one.
    pub(super) node: Option<NodeId>,
    pub(super) depth: usize,
    /// Whether it is all that a `Some` has.
    pub(super) is_in_some: bool,
}

impl<'c> Place<'c> {
    /// What must be written here, without the newtypes around it, for which nothing is; `None` where it may be anything.
    fn expected(self) -> Option<&'c Node> {
        let shape = self.check.shape?;
        let node = self.node?;
        // One that contains only itself is what is expected, which nothing can be.
        Some(shape.node(shape.content(node).unwrap_or(node)))
    }

    pub(super) fn at<'v, V: ?Sized, E: Error>(self, node: Option<NodeId>, value: &'v V) -> Result<Part<'v, V>, E>
    where
        'c: 'v,
    {
        if self.depth == self.check.max_depth {
            return Err(self.refuse(format_args!("has more than {} values inside each other", self.depth)));
        }
        Ok(Part { place: Self { node, depth: self.depth + 1, is_in_some: false, ..self }, value })
    }

    /// The reader counts them too: those that take no bytes are bounded by nothing else.
    pub(super) fn count<E: Error>(self) -> Result<(), E> {
        let elements = &self.check.elements;
        elements.set(elements.get() + 1);
        match self.check.counts && elements.get() > MAX_VALUE_BYTES {
            true => Err(self.refuse(format_args!("has more than {MAX_VALUE_BYTES} elements"))),
            false => Ok(()),
        }
    }

    pub(super) fn refuse<E: Error>(self, what: impl Display) -> E {
        *self.check.finding.borrow_mut() = Some(format!("`{}` {what}", self.check.type_name));
        E::custom("does not conform")
    }

    pub(super) fn mismatch<E: Error>(self, written: impl Display) -> E {
        let shape = self.check.shape.map(ToString::to_string).unwrap_or_default();
        self.refuse(format_args!(
            "writes {written} where it will read something else, so that it could not be read back ({shape}); {REMEDY}"
        ))
    }

    /// JSON writes `null` for it, which inside a `Some` is read as `None`.
    pub(super) fn not_null<E: Error>(self) -> Result<(), E> {
        match self.is_in_some && self.check.shape.is_none() {
            true => Err(self.refuse("has nothing inside a `Some`, which JSON can't tell from `None`")),
            false => Ok(()),
        }
    }

    /// JSON writes `null` for all other numbers.
    pub(super) fn finite<E: Error>(self, is_finite: bool) -> Result<(), E> {
        match is_finite || self.check.shape.is_some() {
            true => Ok(()),
            false => Err(self.refuse("has an infinity or not-a-number, for which JSON has no word")),
        }
    }

    pub(super) fn scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        match self.expected() {
            None => Ok(()),
            Some(Node::Scalar(expected)) if *expected == scalar => Ok(()),
            Some(_) => Err(self.mismatch(scalar.name())),
        }
    }

    pub(super) fn unit<E: Error>(self) -> Result<(), E> {
        match self.expected() {
            None | Some(Node::Unit) => Ok(()),
            Some(_) => Err(self.mismatch("nothing")),
        }
    }

    pub(super) fn option<E: Error>(self) -> Result<Option<NodeId>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Option(inner)) => Ok(Some(*inner)),
            Some(_) => Err(self.mismatch("an `Option`")),
        }
    }

    /// Where the content of the variant at this place is.
    pub(super) fn variant<E: Error>(self, at: u32, name: &'static str) -> Result<Self, E> {
        let member = match self.expected() {
            None => return Ok(self),
            Some(Node::Enum(variants)) => variants.get(at as usize).filter(|variant| variant.names.contains(&name)),
            Some(_) => None,
        };
        let member = member.ok_or_else(|| self.mismatch(format_args!("the variant `{name}`")))?;
        Ok(Self { node: Some(member.node), ..self })
    }

    pub(super) fn seq<E: Error>(self) -> Result<Option<NodeId>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Seq(element)) => Ok(Some(*element)),
            Some(_) => Err(self.mismatch("a list")),
        }
    }

    pub(super) fn map<E: Error>(self) -> Result<(Option<NodeId>, Option<NodeId>), E> {
        match self.expected() {
            None => Ok((None, None)),
            Some(Node::Map(key, value)) => Ok((Some(*key), Some(*value))),
            Some(_) => Err(self.mismatch("a map")),
        }
    }

    pub(super) fn tuple<E: Error>(self, len: usize) -> Result<Option<&'c [NodeId]>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Tuple(items)) if items.len() == len => Ok(Some(items)),
            Some(_) => Err(self.mismatch(format_args!("a tuple of {len}"))),
        }
    }

    pub(super) fn members<E: Error>(self) -> Result<Option<&'c [Member]>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Struct(members)) => Ok(Some(members)),
            Some(_) => Err(self.mismatch("a struct")),
        }
    }
}
