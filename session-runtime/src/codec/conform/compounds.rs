//! What has parts, checked as they are written one after another.

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::part::Part;
use super::place::Place;
use crate::codec::REMEDY;
use crate::codec::shape::{Member, NodeId};

/// How many elements or entries are still to come of those that bincode was told of, which it writes first and believes.
#[derive(Clone, Copy)]
pub(super) struct Left(Option<usize>);

impl Left {
    /// JSON has no use for it.
    pub(super) fn of(len: Option<usize>, place: Place<'_>) -> Self {
        Self(len.filter(|_| place.check.shape.is_some()))
    }

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
    pub(super) place: Place<'c>,
    pub(super) element: Option<NodeId>,
    pub(super) left: Left,
    pub(super) inner: C,
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
    pub(super) place: Place<'c>,
    pub(super) key: Option<NodeId>,
    pub(super) value: Option<NodeId>,
    pub(super) left: Left,
    pub(super) inner: C,
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
    pub(super) place: Place<'c>,
    /// Those that are still to be written, if that is known.
    pub(super) items: Option<&'c [NodeId]>,
    pub(super) inner: C,
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
    pub(super) place: Place<'c>,
    /// Those that are still to be written, if that is known.
    pub(super) members: Option<&'c [Member]>,
    pub(super) inner: C,
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
