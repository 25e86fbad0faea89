//! The parts of a part, and their names: what a type is given where it asks for several.

use std::any::type_name;

use serde::de::{DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::probe::{Probe, Refused};
use super::question::{Goal, Run};

/// The name of a field or a variant: as a text, or as its place where a type wants no text.
struct Name<'r> {
    run: &'r Run<'r>,
    name: &'static str,
    at: usize,
}

/// What a binary format has of a variant.
struct Number(u32);

impl<'de> Deserializer<'de> for Number {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        visitor.visit_u32(self.0)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// An enum's variant, of which only the number is told.
pub(super) struct NumberedVariant<'r> {
    pub(super) at: u32,
    pub(super) content: Probe<'r>,
}

impl<'de, 'r> EnumAccess<'de> for NumberedVariant<'r> {
    type Error = Refused;
    type Variant = Probe<'r>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Refused> {
        let Self { at, content } = self;
        let variant = seed.deserialize(Number(at))?;
        content.run.note_meaning(content.goal, &variant);
        Ok((variant, content))
    }
}

impl<'de> Deserializer<'de> for Name<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        match self.run.choose(&[true, false])? {
            true => visitor.visit_str(self.name),
            false => visitor.visit_u64(self.at as u64),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Elements: some that are made up, then the one that is asked for.
pub(super) struct Items<'r> {
    pub(super) made_up: usize,
    pub(super) with: Probe<'r>,
    pub(super) then: Option<Probe<'r>>,
}

impl<'r> Items<'r> {
    pub(super) fn all(made_up: usize, with: Probe<'r>) -> Self {
        Self { made_up, with, then: None }
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Refused;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Refused> {
        if self.made_up > 0 {
            self.made_up -= 1;
            if let Some(part) = self.then.filter(|part| part.run.is_asked(part.goal)) {
                part.run.before.borrow_mut().push(type_name::<T>());
            }
            return seed.deserialize(self.with).map(Some);
        }
        self.then.take().map(|part| seed.deserialize(part)).transpose()
    }
}

/// The tag of an adjacently tagged enum, with what it must say.
struct Tag<'r> {
    at: usize,
    content: Probe<'r>,
}

impl<'de> Deserializer<'de> for Tag<'_> {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(Refused)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Self { at, content } = self;
        visitor.visit_enum(OneVariant { name: names.get(at).ok_or(Refused)?, at, content })
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// The entries of a map.
pub(super) struct Entries<'r> {
    pub(super) left: usize,
    pub(super) key: Probe<'r>,
    pub(super) value: Probe<'r>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        if self.left == 0 {
            return Ok(None);
        }
        self.left -= 1;
        seed.deserialize(self.key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        seed.deserialize(self.value)
    }

    /// The value can be asked before the key, which need not be made up then.
    fn next_entry_seed<K: DeserializeSeed<'de>, V: DeserializeSeed<'de>>(
        &mut self,
        key: K,
        value: V,
    ) -> Result<Option<(K::Value, V::Value)>, Refused> {
        if let Goal::Part(_) = self.value.goal {
            value.deserialize(self.value)?;
            return Err(Refused);
        }
        let Some(key) = self.next_key_seed(key)? else { return Ok(None) };
        Ok(Some((key, self.next_value_seed(value)?)))
    }
}

/// A struct of which only one field is there, so that others need not be made up; two where one is the tag of the other.
pub(super) struct FewFields<'r> {
    /// The tag's name, and the variant that it says; until it was said.
    pub(super) tag: Option<(&'static str, usize)>,
    pub(super) name: Option<(&'static str, usize)>,
    pub(super) value: Probe<'r>,
}

impl<'de> MapAccess<'de> for FewFields<'_> {
    type Error = Refused;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Refused> {
        let run = self.value.run;
        if let Some((name, _)) = self.tag {
            return seed.deserialize(Name { run, name, at: 0 }).map(Some);
        }
        let Some((name, at)) = self.name.take() else { return Ok(None) };
        let key = seed.deserialize(Name { run, name, at })?;
        run.note_meaning(self.value.goal, &key);
        Ok(Some(key))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Refused> {
        match self.tag.take() {
            Some((_, at)) => seed.deserialize(Tag { at, content: self.value.made_up() }),
            None => seed.deserialize(self.value),
        }
    }
}

/// An enum's variant.
pub(super) struct OneVariant<'r> {
    pub(super) name: &'static str,
    pub(super) at: usize,
    pub(super) content: Probe<'r>,
}

impl<'de, 'r> EnumAccess<'de> for OneVariant<'r> {
    type Error = Refused;
    type Variant = Probe<'r>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), Refused> {
        let Self { name, at, content } = self;
        let variant = seed.deserialize(Name { run: content.run, name, at })?;
        content.run.note_meaning(content.goal, &variant);
        Ok((variant, content))
    }
}
