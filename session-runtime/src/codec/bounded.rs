//! Bounds what the bytes alone don't bound: how deep values are inside each other, and how many there are that take no bytes.
//!
//! Only types that contain themselves, or lists of values without bytes, need it, and those of which that is not known; all
//! others are read without it.

use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::shape::{Node, Shape};
use super::{MAX_DEPTH, MAX_VALUE_BYTES};

/// Whether values of this shape must be read with bounds.
pub(super) fn is_needed(shape: &Shape) -> bool {
    let hides_something = |node: &Node| matches!(node, Node::Unknown | Node::Nothing);
    shape.is_recursive() || shape.has_weightless_elements() || shape.has(hides_something)
}

/// Reads a `V` with bounds. What was out of bounds is written down in `finding`: an error's own words are not told to anybody.
pub(super) fn seed<'f, V>(finding: &'f Cell<Option<&'static str>>) -> Whole<'f, V> {
    Whole { finding, value: PhantomData }
}

pub(super) struct Whole<'f, V> {
    finding: &'f Cell<Option<&'static str>>,
    value: PhantomData<V>,
}

impl<'de, V: Deserialize<'de>> DeserializeSeed<'de> for Whole<'_, V> {
    type Value = V;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<V, D::Error> {
        let bounds = Bounds { finding: self.finding, depth: 0, elements: &Cell::new(0), counted: false };
        V::deserialize(Bounded { bounds, inner: deserializer })
    }
}

#[derive(Clone, Copy)]
struct Bounds<'b> {
    finding: &'b Cell<Option<&'static str>>,
    depth: usize,
    /// How many elements of lists and entries of maps there were so far.
    elements: &'b Cell<usize>,
    /// Whether what comes is one of them; those of tuples and structs are as many as their types say.
    counted: bool,
}

impl Bounds<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        match self.depth {
            MAX_DEPTH => Err(self.refuse("values too deep inside each other")),
            depth => Ok(Self { depth: depth + 1, counted: false, ..self }),
        }
    }

    fn refuse<E: Error>(self, what: &'static str) -> E {
        self.finding.set(Some(what));
        E::custom(what)
    }

    fn count<E: Error>(self) -> Result<(), E> {
        if !self.counted {
            return Ok(());
        }
        self.elements.set(self.elements.get() + 1);
        match self.elements.get() > MAX_VALUE_BYTES {
            true => Err(self.refuse("too many elements")),
            false => Ok(()),
        }
    }
}

/// A deserializer, a visitor, a seed or an access within the bounds.
struct Bounded<'b, I> {
    bounds: Bounds<'b>,
    inner: I,
}

impl<'b, I> Bounded<'b, I> {
    fn with<J>(&self, inner: J) -> Bounded<'b, J> {
        Bounded { bounds: self.bounds, inner }
    }

    fn deeper<J, E: Error>(&self, inner: J) -> Result<Bounded<'b, J>, E> {
        Ok(Bounded { bounds: self.bounds.deeper()?, inner })
    }
}

macro_rules! forward {
    ($($method:ident($($name:ident: $type:ty),*);)*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let visitor = self.with(visitor);
            self.inner.$method($($name,)* visitor)
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }

    fn deserialize_seq<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, D::Error> {
        self.bounds.counted = true;
        let visitor = self.with(visitor);
        self.inner.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(mut self, visitor: V) -> Result<V::Value, D::Error> {
        self.bounds.counted = true;
        let visitor = self.with(visitor);
        self.inner.deserialize_map(visitor)
    }

    forward! {
        deserialize_any();
        deserialize_bool();
        deserialize_i8();
        deserialize_i16();
        deserialize_i32();
        deserialize_i64();
        deserialize_i128();
        deserialize_u8();
        deserialize_u16();
        deserialize_u32();
        deserialize_u64();
        deserialize_u128();
        deserialize_f32();
        deserialize_f64();
        deserialize_char();
        deserialize_str();
        deserialize_string();
        deserialize_bytes();
        deserialize_byte_buf();
        deserialize_option();
        deserialize_unit();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
        deserialize_identifier();
        deserialize_ignored_any();
    }
}

macro_rules! pass {
    ($($method:ident($type:ty);)*) => {$(
        fn $method<E: Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    pass! {
        visit_bool(bool);
        visit_i8(i8);
        visit_i16(i16);
        visit_i32(i32);
        visit_i64(i64);
        visit_i128(i128);
        visit_u8(u8);
        visit_u16(u16);
        visit_u32(u32);
        visit_u64(u64);
        visit_u128(u128);
        visit_f32(f32);
        visit_f64(f64);
        visit_char(char);
        visit_str(&str);
        visit_borrowed_str(&'de str);
        visit_string(String);
        visit_bytes(&[u8]);
        visit_borrowed_bytes(&'de [u8]);
        visit_byte_buf(Vec<u8>);
    }

    fn visit_unit<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_none<E: Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let inside = self.deeper(deserializer)?;
        self.inner.visit_some(inside)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        let inside = self.deeper(deserializer)?;
        self.inner.visit_newtype_struct(inside)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.with(access);
        self.inner.visit_seq(access)
    }

    fn visit_map<A: MapAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.with(access);
        self.inner.visit_map(access)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<V::Value, A::Error> {
        let access = self.with(access);
        self.inner.visit_enum(access)
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        let inside = self.deeper(deserializer)?;
        self.inner.deserialize(inside)
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let element = self.inner.next_element_seed(Bounded { bounds: self.bounds, inner: seed })?;
        element.map(|element| self.bounds.count().map(|()| element)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let key = self.inner.next_key_seed(Bounded { bounds: self.bounds, inner: seed })?;
        key.map(|key| self.bounds.count().map(|()| key)).transpose()
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Bounded { bounds: self.bounds, inner: seed })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint()
    }
}

impl<'de, 'b, A: EnumAccess<'de>> EnumAccess<'de> for Bounded<'b, A> {
    type Error = A::Error;
    type Variant = Bounded<'b, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let bounds = self.bounds;
        let (variant, content) = self.inner.variant_seed(seed)?;
        Ok((variant, Bounded { bounds, inner: content }))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        let seed = self.with(seed);
        self.inner.newtype_variant_seed(seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.tuple_variant(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        let visitor = self.with(visitor);
        self.inner.struct_variant(fields, visitor)
    }
}
