//! Checks, while a value is written, that it will be read as it is.
//!
//! bincode writes what it is given, without a word of what that is. A field that was left out (`skip_serializing_if`), or a
//! type that writes itself otherwise than it reads itself, would be noticed when the value is asked for; here it is noticed
//! when it is set. JSON says what it writes, but has one word, `null`, for several things: a `Some` that would come back as
//! `None` is noticed here too.

use std::cell::{Cell, RefCell};
use std::fmt::Display;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::shape::{Member, Node, NodeId, ROOT, Scalar, Shape};
use super::{CodecError, MAX_DEPTH, MAX_VALUE_BYTES, bounded};

const REMEDY: &str = "add `#[session(codec = \"json\")]` to the field";

/// Whether bincode could read any value of this shape.
pub(super) fn check(shape: &Shape) -> Result<(), CodecError> {
    let name = shape.type_name();
    if shape.has(|node| matches!(node, Node::Any | Node::ByTag(_))) {
        return Err(CodecError::new(format!(
            "`{name}` asks what comes next, which bincode can't tell: somewhere in it is an enum that is untagged or has its \
             tag inside, `#[serde(flatten)]` or a value of any kind ({shape}); {REMEDY}"
        )));
    }
    if shape.has(|node| matches!(node, Node::ByName)) {
        return Err(CodecError::new(format!(
            "a part of `{name}` reads its fields or variants by their names only, and bincode writes none ({shape}); {REMEDY}"
        )));
    }
    if shape.has(|node| matches!(node, Node::Unknown)) {
        return Err(CodecError::new(format!(
            "what `{name}` is made of can't be found out ({shape}): a part of a tuple refuses everything that was tried; \
             write a struct with named fields instead of the tuple, or {REMEDY}"
        )));
    }
    Ok(())
}

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
    ///
    /// # Errors
    /// For a shape that bincode can't read.
    pub(super) fn to_shape(shape: &'s Shape) -> Result<Self, CodecError> {
        check(shape)?;
        Ok(Self { counts: bounded::is_needed(shape), ..Self::new(shape.type_name(), Some(shape), MAX_DEPTH) })
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
    pub(super) fn value<'c, V: ?Sized>(&'c self, value: &'c V) -> Part<'c, V> {
        Part { place: Place { check: self, node: self.shape.map(|_| ROOT), depth: 0, is_in_some: false }, value }
    }

    /// What is wrong with the value.
    pub(super) fn into_finding(self) -> Option<String> {
        self.finding.into_inner()
    }
}

/// A place in a value, while it is written.
#[derive(Clone, Copy)]
struct Place<'c> {
    check: &'c Conforming<'c>,
    /// Where it is in the shape, if there is one.
    node: Option<NodeId>,
    depth: usize,
    /// Whether it is all that a `Some` has.
    is_in_some: bool,
}

/// What is written at a place.
pub(super) struct Part<'c, V: ?Sized> {
    place: Place<'c>,
    value: &'c V,
}

impl<V: Serialize + ?Sized> Serialize for Part<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checked { place: self.place, inner: serializer })
    }
}

impl<'c> Place<'c> {
    /// What must be written here, without the newtypes around it, for which nothing is; `None` where it may be anything.
    fn expected(self) -> Option<&'c Node> {
        let shape = self.check.shape?;
        let mut node = shape.node(self.node?);
        // A newtype of nothing but itself has no values.
        for _ in 0..MAX_DEPTH {
            let Node::Newtype(inner) = node else { break };
            node = shape.node(*inner);
        }
        Some(node)
    }

    fn at<'v, V: ?Sized, E: Error>(self, node: Option<NodeId>, value: &'v V) -> Result<Part<'v, V>, E>
    where
        'c: 'v,
    {
        if self.depth == self.check.max_depth {
            return Err(self.refuse(format_args!("has more than {} values inside each other", self.depth)));
        }
        Ok(Part { place: Self { node, depth: self.depth + 1, is_in_some: false, ..self }, value })
    }

    /// Of a list or map of this length; JSON has no use for it.
    fn left(self, len: Option<usize>) -> Left {
        Left(len.filter(|_| self.check.shape.is_some()))
    }

    /// The reader counts them too: those that take no bytes are bounded by nothing else.
    fn count<E: Error>(self) -> Result<(), E> {
        let elements = &self.check.elements;
        elements.set(elements.get() + 1);
        match self.check.counts && elements.get() > MAX_VALUE_BYTES {
            true => Err(self.refuse(format_args!("has more than {MAX_VALUE_BYTES} elements"))),
            false => Ok(()),
        }
    }

    fn refuse<E: Error>(self, what: impl Display) -> E {
        *self.check.finding.borrow_mut() = Some(format!("`{}` {what}", self.check.type_name));
        E::custom("does not conform")
    }

    fn mismatch<E: Error>(self, written: impl Display) -> E {
        let shape = self.check.shape.map(ToString::to_string).unwrap_or_default();
        self.refuse(format_args!(
            "writes {written} where it will read something else, so that it could not be read back ({shape}); {REMEDY}"
        ))
    }

    /// JSON writes `null` for it, which inside a `Some` is read as `None`.
    fn not_null<E: Error>(self) -> Result<(), E> {
        match self.is_in_some && self.check.shape.is_none() {
            true => Err(self.refuse("has nothing inside a `Some`, which JSON can't tell from `None`")),
            false => Ok(()),
        }
    }

    /// JSON writes `null` for all other numbers.
    fn finite<E: Error>(self, is_finite: bool) -> Result<(), E> {
        match is_finite || self.check.shape.is_some() {
            true => Ok(()),
            false => Err(self.refuse("has an infinity or not-a-number, for which JSON has no word")),
        }
    }

    fn scalar<E: Error>(self, scalar: Scalar) -> Result<(), E> {
        match self.expected() {
            None => Ok(()),
            Some(Node::Scalar(expected)) if *expected == scalar => Ok(()),
            Some(_) => Err(self.mismatch(scalar.name())),
        }
    }

    fn unit<E: Error>(self) -> Result<(), E> {
        match self.expected() {
            None | Some(Node::Unit) => Ok(()),
            Some(_) => Err(self.mismatch("nothing")),
        }
    }

    fn option<E: Error>(self) -> Result<Option<NodeId>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Option(inner)) => Ok(Some(*inner)),
            Some(_) => Err(self.mismatch("an `Option`")),
        }
    }

    fn newtype(self) -> Option<NodeId> {
        match (self.check.shape, self.node) {
            (Some(shape), Some(id)) => match shape.node(id) {
                Node::Newtype(inner) => Some(*inner),
                _ => Some(id),
            },
            _ => None,
        }
    }

    /// Where the content of the variant at this place is.
    fn variant<E: Error>(self, at: u32, name: &'static str) -> Result<Self, E> {
        let member = match self.expected() {
            None => return Ok(self),
            Some(Node::Enum(variants)) => variants.get(at as usize).filter(|variant| variant.names.contains(&name)),
            Some(_) => None,
        };
        let member = member.ok_or_else(|| self.mismatch(format_args!("the variant `{name}`")))?;
        Ok(Self { node: Some(member.node), ..self })
    }

    fn seq<E: Error>(self) -> Result<Option<NodeId>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Seq(element)) => Ok(Some(*element)),
            Some(_) => Err(self.mismatch("a list")),
        }
    }

    fn map<E: Error>(self) -> Result<(Option<NodeId>, Option<NodeId>), E> {
        match self.expected() {
            None => Ok((None, None)),
            Some(Node::Map(key, value)) => Ok((Some(*key), Some(*value))),
            Some(_) => Err(self.mismatch("a map")),
        }
    }

    fn tuple<E: Error>(self, len: usize) -> Result<Option<&'c [NodeId]>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Tuple(items)) if items.len() == len => Ok(Some(items)),
            Some(_) => Err(self.mismatch(format_args!("a tuple of {len}"))),
        }
    }

    fn members<E: Error>(self) -> Result<Option<&'c [Member]>, E> {
        match self.expected() {
            None => Ok(None),
            Some(Node::Struct(members)) => Ok(Some(members)),
            Some(_) => Err(self.mismatch("a struct")),
        }
    }
}

/// A serializer that checks what goes through it.
pub(super) struct Checked<'c, S> {
    place: Place<'c>,
    inner: S,
}

macro_rules! scalars {
    ($($method:ident $type:ty, $scalar:ident;)*) => {$(
        fn $method(self, value: $type) -> Result<S::Ok, S::Error> {
            self.place.scalar(Scalar::$scalar)?;
            self.inner.$method(value)
        }
    )*};
}

impl<'c, S: Serializer> Serializer for Checked<'c, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Elements<'c, S::SerializeSeq>;
    type SerializeTuple = Items<'c, S::SerializeTuple>;
    type SerializeTupleStruct = Items<'c, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Items<'c, S::SerializeTupleVariant>;
    type SerializeMap = Entries<'c, S::SerializeMap>;
    type SerializeStruct = Fields<'c, S::SerializeStruct>;
    type SerializeStructVariant = Fields<'c, S::SerializeStructVariant>;

    scalars! {
        serialize_bool bool, Bool;
        serialize_i8 i8, I8;
        serialize_i16 i16, I16;
        serialize_i32 i32, I32;
        serialize_i64 i64, I64;
        serialize_i128 i128, I128;
        serialize_u8 u8, U8;
        serialize_u16 u16, U16;
        serialize_u32 u32, U32;
        serialize_u64 u64, U64;
        serialize_u128 u128, U128;
        serialize_char char, Char;
        serialize_str &str, Str;
        serialize_bytes &[u8], Bytes;
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    fn serialize_f32(self, value: f32) -> Result<S::Ok, S::Error> {
        self.place.scalar(Scalar::F32)?;
        self.place.finite(value.is_finite())?;
        self.inner.serialize_f32(value)
    }

    fn serialize_f64(self, value: f64) -> Result<S::Ok, S::Error> {
        self.place.scalar(Scalar::F64)?;
        self.place.finite(value.is_finite())?;
        self.inner.serialize_f64(value)
    }

    fn serialize_none(self) -> Result<S::Ok, S::Error> {
        self.place.option()?;
        self.place.not_null()?;
        self.inner.serialize_none()
    }

    fn serialize_some<V: Serialize + ?Sized>(self, value: &V) -> Result<S::Ok, S::Error> {
        let mut part = self.place.at(self.place.option()?, value)?;
        part.place.is_in_some = true;
        self.inner.serialize_some(&part)
    }

    fn serialize_unit(self) -> Result<S::Ok, S::Error> {
        self.place.unit()?;
        self.place.not_null()?;
        self.inner.serialize_unit()
    }

    fn serialize_unit_struct(self, name: &'static str) -> Result<S::Ok, S::Error> {
        self.place.unit()?;
        self.place.not_null()?;
        self.inner.serialize_unit_struct(name)
    }

    fn serialize_unit_variant(self, name: &'static str, at: u32, variant: &'static str) -> Result<S::Ok, S::Error> {
        self.place.variant(at, variant)?.unit()?;
        self.inner.serialize_unit_variant(name, at, variant)
    }

    fn serialize_newtype_struct<V: Serialize + ?Sized>(self, name: &'static str, value: &V) -> Result<S::Ok, S::Error> {
        let mut part = self.place.at(self.place.newtype(), value)?;
        part.place.is_in_some = self.place.is_in_some;
        self.inner.serialize_newtype_struct(name, &part)
    }

    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        value: &V,
    ) -> Result<S::Ok, S::Error> {
        let content = self.place.variant(at, variant)?.node;
        self.inner.serialize_newtype_variant(name, at, variant, &self.place.at(content, value)?)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        let element = self.place.seq()?;
        Ok(Elements { place: self.place, element, left: self.place.left(len), inner: self.inner.serialize_seq(len)? })
    }

    fn serialize_tuple(self, len: usize) -> Result<Self::SerializeTuple, S::Error> {
        let items = self.place.tuple(len)?;
        Ok(Items { place: self.place, items, inner: self.inner.serialize_tuple(len)? })
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeTupleStruct, S::Error> {
        let items = self.place.tuple(len)?;
        Ok(Items { place: self.place, items, inner: self.inner.serialize_tuple_struct(name, len)? })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        let place = self.place.variant(at, variant)?;
        let items = place.tuple(len)?;
        Ok(Items { place, items, inner: self.inner.serialize_tuple_variant(name, at, variant, len)? })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        let (key, value) = self.place.map()?;
        let left = self.place.left(len);
        Ok(Entries { place: self.place, key, value, left, inner: self.inner.serialize_map(len)? })
    }

    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Self::SerializeStruct, S::Error> {
        let members = self.place.members()?;
        Ok(Fields { place: self.place, members, inner: self.inner.serialize_struct(name, len)? })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        at: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant, S::Error> {
        let place = self.place.variant(at, variant)?;
        let members = place.members()?;
        Ok(Fields { place, members, inner: self.inner.serialize_struct_variant(name, at, variant, len)? })
    }
}

/// How many elements or entries are still to come of those that bincode was told of, which it writes first and believes.
#[derive(Clone, Copy)]
struct Left(Option<usize>);

impl Left {
    fn one_less<E: Error>(&mut self, place: Place<'_>) -> Result<(), E> {
        match self.0.as_mut().map(|left| left.checked_sub(1).map(|less| *left = less)) {
            Some(None) => Err(place.refuse("writes more elements than it says that it has")),
            _ => Ok(()),
        }
    }

    fn end<E: Error>(self, place: Place<'_>) -> Result<(), E> {
        match self.0 {
            Some(left) if left > 0 => Err(place.refuse("writes fewer elements than it says that it has")),
            _ => Ok(()),
        }
    }
}

pub(super) struct Elements<'c, C> {
    place: Place<'c>,
    element: Option<NodeId>,
    left: Left,
    inner: C,
}

impl<C: SerializeSeq> SerializeSeq for Elements<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_element<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), C::Error> {
        self.place.count()?;
        self.left.one_less(self.place)?;
        self.inner.serialize_element(&self.place.at(self.element, value)?)
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.left.end(self.place)?;
        self.inner.end()
    }
}

pub(super) struct Entries<'c, C> {
    place: Place<'c>,
    key: Option<NodeId>,
    value: Option<NodeId>,
    left: Left,
    inner: C,
}

impl<C: SerializeMap> SerializeMap for Entries<'_, C> {
    type Ok = C::Ok;
    type Error = C::Error;

    fn serialize_key<V: Serialize + ?Sized>(&mut self, key: &V) -> Result<(), C::Error> {
        self.place.count()?;
        self.left.one_less(self.place)?;
        self.inner.serialize_key(&self.place.at(self.key, key)?)
    }

    fn serialize_value<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), C::Error> {
        self.inner.serialize_value(&self.place.at(self.value, value)?)
    }

    fn end(self) -> Result<C::Ok, C::Error> {
        self.left.end(self.place)?;
        self.inner.end()
    }
}

pub(super) struct Items<'c, C> {
    place: Place<'c>,
    /// Those that are still to be written, if that is known.
    items: Option<&'c [NodeId]>,
    inner: C,
}

impl<'c, C> Items<'c, C> {
    fn next<'v, V: ?Sized, E: Error>(&mut self, value: &'v V) -> Result<Part<'v, V>, E>
    where
        'c: 'v,
    {
        let Some(items) = self.items else { return self.place.at(None, value) };
        let Some((item, rest)) = items.split_first() else { return Err(self.place.mismatch("one value too many")) };
        self.items = Some(rest);
        self.place.at(Some(*item), value)
    }

    fn check_end<E: Error>(&self) -> Result<(), E> {
        match self.items {
            None | Some([]) => Ok(()),
            Some(_) => Err(self.place.mismatch("too few values")),
        }
    }
}

macro_rules! items {
    ($($trait:ident $method:ident)*) => {$(
        impl<C: $trait> $trait for Items<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn $method<V: Serialize + ?Sized>(&mut self, value: &V) -> Result<(), C::Error> {
                let part = self.next(value)?;
                self.inner.$method(&part)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.check_end()?;
                self.inner.end()
            }
        }
    )*};
}

items! {
    SerializeTuple serialize_element
    SerializeTupleStruct serialize_field
    SerializeTupleVariant serialize_field
}

pub(super) struct Fields<'c, C> {
    place: Place<'c>,
    /// Those that are still to be written, if that is known.
    members: Option<&'c [Member]>,
    inner: C,
}

impl<'c, C> Fields<'c, C> {
    /// Where the field with this name is, which must be the next one.
    fn next<E: Error>(&mut self, name: &'static str) -> Result<Option<NodeId>, E> {
        let Some(members) = self.members else { return Ok(None) };
        match members.split_first() {
            Some((member, rest)) if member.names.contains(&name) => {
                self.members = Some(rest);
                Ok(Some(member.node))
            }
            _ => Err(self.place.mismatch(format_args!("the field `{name}`"))),
        }
    }

    fn check_skipped<E: Error>(&self, name: &'static str) -> Result<(), E> {
        match self.members {
            None => Ok(()),
            Some(_) => Err(self.place.refuse(format_args!(
                "leaves out its field `{name}`, which bincode can't tell when it reads: remove `skip_serializing_if`, or \
                 {REMEDY}"
            ))),
        }
    }

    fn check_end<E: Error>(&self) -> Result<(), E> {
        match self.members {
            None | Some([]) => Ok(()),
            Some([member, ..]) => self.check_skipped(member.names[0]),
        }
    }
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl<C: $trait> $trait for Fields<'_, C> {
            type Ok = C::Ok;
            type Error = C::Error;

            fn serialize_field<V: Serialize + ?Sized>(&mut self, name: &'static str, value: &V) -> Result<(), C::Error> {
                let node = self.next(name)?;
                self.inner.serialize_field(name, &self.place.at(node, value)?)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), C::Error> {
                self.check_skipped(name)?;
                self.inner.skip_field(name)
            }

            fn end(self) -> Result<C::Ok, C::Error> {
                self.check_end()?;
                self.inner.end()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }
