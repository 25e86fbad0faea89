//! A part of a value, checked as it is written.

use serde::ser::{Serialize, Serializer};

use super::compounds::{Elements, Entries, Fields, Items, Left};
use super::place::Place;
use crate::codec::shape::Scalar;

/// What is written at a place.
pub(super) struct Part<'c, V: ?Sized> {
    pub(super) place: Place<'c>,
    pub(super) value: &'c V,
}

impl<V: Serialize + ?Sized> Serialize for Part<'_, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(Checked { place: self.place, inner: serializer })
    }
}

/// A serializer that checks what goes through it.
struct Checked<'c, S> {
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
        // What is expected here is what is expected in it.
        let mut part = self.place.at(self.place.node, value)?;
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
        Ok(Elements {
            place: self.place,
            element,
            left: Left::of(len, self.place),
            inner: self.inner.serialize_seq(len)?,
        })
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
        let left = Left::of(len, self.place);
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
