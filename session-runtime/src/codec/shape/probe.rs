//! A format that has no values, only a question: each part is led on along the path, or answers it.

use std::any::type_name;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, VariantAccess, Visitor};

use super::Scalar;
use super::parts::{Entries, FewFields, Items, NumberedVariant, OneVariant};
use super::question::{Call, Goal, Identity, Run, Step};
use super::samples::{NUMBERS, SIZES, TEXTS};

/// A deserializer at one part.
#[derive(Clone, Copy)]
pub(super) struct Probe<'r> {
    pub(super) run: &'r Run<'r>,
    pub(super) goal: Goal,
}

/// What is to be done at a part that contains others.
enum Todo<'r> {
    Go(Step, Probe<'r>),
    MakeUp(Probe<'r>),
}

impl<'r> Probe<'r> {
    /// Answers the question if this is the part; else says how to go on.
    fn container<'de, V: Visitor<'de>>(self, names: &'static [&'static str], call: Call) -> Result<Todo<'r>, Refused> {
        let Goal::Part(depth) = self.goal else { return Ok(Todo::MakeUp(self.deeper()?)) };
        let identity = Identity { visitor: type_name::<V>(), names };
        let mut trail = self.run.trail.borrow_mut();
        match self.run.path.get(depth) {
            Some(step) => {
                trail.push(identity);
                Ok(Todo::Go(*step, self.run.probe(Goal::Part(depth + 1))))
            }
            None => {
                let same = trail.iter().position(|before| *before == identity);
                self.run.call.set(Some(same.map_or(call, Call::Recursion)));
                Err(Refused)
            }
        }
    }

    /// Answers the question if this is the part; else a value must be made up.
    fn leaf(self, call: Call) -> Result<(), Refused> {
        match self.goal {
            Goal::Any(_) => Ok(()),
            Goal::Part(depth) => {
                self.run.call.set((depth == self.run.path.len()).then_some(call));
                Err(Refused)
            }
        }
    }

    fn deeper(self) -> Result<Self, Refused> {
        match self.goal {
            Goal::Any(depth) if depth < self.run.depth => Ok(self.run.probe(Goal::Any(depth + 1))),
            _ => {
                self.run.too_deep.set(true);
                Err(Refused)
            }
        }
    }

    pub(super) fn made_up(self) -> Self {
        self.run.probe(Goal::Any(0))
    }

    fn items(self, visit: Step) -> Option<Items<'r>> {
        match visit {
            Step::Item(at) => Some(Items { made_up: at, with: self.made_up(), then: Some(self) }),
            _ => None,
        }
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident $scalar:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.leaf(Call::Scalar(Scalar::$scalar))?;
            visitor.$visit(self.run.choose(NUMBERS)?.into())
        }
    )*};
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Refused;

    fn is_human_readable(&self) -> bool {
        self.run.human_readable
    }

    numbers! {
        deserialize_i16 visit_i16 I16
        deserialize_i32 visit_i32 I32
        deserialize_i64 visit_i64 I64
        deserialize_i128 visit_i128 I128
        deserialize_u8 visit_u8 U8
        deserialize_u16 visit_u16 U16
        deserialize_u32 visit_u32 U32
        deserialize_u64 visit_u64 U64
        deserialize_u128 visit_u128 U128
        deserialize_f32 visit_f32 F32
        deserialize_f64 visit_f64 F64
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Scalar(Scalar::I8))?;
        visitor.visit_i8(self.run.choose(&[1, 0, 2])?)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Scalar(Scalar::Bool))?;
        visitor.visit_bool(self.run.choose(&[true, false])?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Scalar(Scalar::Char))?;
        visitor.visit_char(self.run.choose(&['a', 'A', '0'])?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Scalar(Scalar::Str))?;
        visitor.visit_str(self.run.choose(TEXTS)?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Scalar(Scalar::Bytes))?;
        visitor.visit_bytes(&vec![0; self.run.choose(SIZES)?])
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Unit)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        self.leaf(Call::Any)?;
        Err(Refused)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_any(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.container::<V>(&[], Call::Option)? {
            Todo::Go(Step::Inner, inner) => visitor.visit_some(inner),
            Todo::Go(..) => Err(Refused),
            Todo::MakeUp(_) => visitor.visit_none(),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refused> {
        match self.container::<V>(&[], Call::Newtype)? {
            Todo::Go(Step::Inner, inner) | Todo::MakeUp(inner) => visitor.visit_newtype_struct(inner),
            Todo::Go(..) => Err(Refused),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.container::<V>(&[], Call::Seq)? {
            Todo::Go(step, probe) => visitor.visit_seq(probe.items(step).ok_or(Refused)?),
            Todo::MakeUp(element) => visitor.visit_seq(Items::all(self.run.choose(&[0, 1])?, element)),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        match self.container::<V>(&[], Call::Tuple(len))? {
            Todo::Go(step, probe) => visitor.visit_seq(probe.items(step).ok_or(Refused)?),
            Todo::MakeUp(item) => visitor.visit_seq(Items::all(len, item)),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.container::<V>(&[], Call::Map)? {
            Todo::Go(Step::Key, key) => visitor.visit_map(Entries { left: 1, key, value: key.made_up() }),
            Todo::Go(Step::Value, value) => visitor.visit_map(Entries { left: 1, key: value.made_up(), value }),
            Todo::Go(..) => Err(Refused),
            Todo::MakeUp(part) => {
                visitor.visit_map(Entries { left: self.run.choose(&[0, 1])?, key: part, value: part })
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.container::<V>(names, Call::Struct(names))? {
            Todo::Go(Step::Named(name, at), value) => {
                visitor.visit_map(FewFields { tag: None, name: Some((name, at)), value })
            }
            Todo::Go(Step::Content(tag, name, at), value) => {
                visitor.visit_map(FewFields { tag: Some((tag, at)), name: Some((name, 1)), value })
            }
            Todo::Go(step, probe) => visitor.visit_seq(probe.items(step).ok_or(Refused)?),
            Todo::MakeUp(field) => visitor.visit_seq(Items::all(names.len(), field)),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        match self.container::<V>(names, Call::Enum(names))? {
            Todo::Go(Step::Variant(name, at), content) => visitor.visit_enum(OneVariant { name, at, content }),
            Todo::Go(Step::Numbered(at), content) => visitor.visit_enum(NumberedVariant { at, content }),
            Todo::Go(..) => Err(Refused),
            Todo::MakeUp(content) => {
                let at = self.run.script.borrow_mut().choose(names.len());
                visitor.visit_enum(OneVariant { name: names.get(at).ok_or(Refused)?, at, content })
            }
        }
    }
}

impl<'de> VariantAccess<'de> for Probe<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.leaf(Call::Unit)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Refused> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, names: &'static [&'static str], visitor: V) -> Result<V::Value, Refused> {
        self.deserialize_struct("", names, visitor)
    }
}

/// The answer to every question but one.
#[derive(Debug)]
pub(super) struct Refused;

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("there are no values here")
    }
}

impl std::error::Error for Refused {}

impl Error for Refused {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
