//! A format that has no values, only a question: what does the type ask for at the end of this path?

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use super::Scalar;
use super::samples::{MAX_TRIES, NUMBERS, SIZES, Script, TEXTS};

/// One step from a part to a part of it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Into an `Option` or a newtype.
    Inner,
    /// To the element at this place of a list or a tuple, or the field at this place.
    Item(usize),
    Key,
    Value,
    /// To the field with this name, at this place among the names.
    Named(&'static str, usize),
    /// To the content of the variant with this name, at this place among the names.
    Variant(&'static str, usize),
    /// To the field with the second name, where the one with the first is a tag that says the variant at this place.
    Content(&'static str, &'static str, usize),
}

/// What a type asks its format for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    Scalar(Scalar),
    Unit,
    Option,
    Newtype,
    Seq,
    Map,
    Tuple(usize),
    Struct(&'static [&'static str]),
    Enum(&'static [&'static str]),
    Any,
    /// For nothing, whatever comes.
    Nothing,
    /// The same as after so many steps from the whole.
    Recursion(usize),
    /// The question could not be answered.
    Unknown,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) call: Call,
    /// What the name in the last step means to the type: names with one meaning are the same field or variant.
    pub(super) meaning: Option<String>,
    /// The types of the elements before the one that was asked for, as the compiler calls them.
    pub(super) before: Vec<&'static str>,
}

/// Asks `V` what it calls for at the end of the path.
///
/// Values are made up as shallow as they can be: a type that contains itself in its first variant would not come to an end.
pub(super) fn ask<V: DeserializeOwned>(path: &[Step], human_readable: bool) -> Answer {
    for depth in DEPTHS {
        let (answer, is_final) = ask_within::<V>(path, human_readable, depth);
        if is_final {
            return answer;
        }
    }
    Answer { call: Call::Unknown, meaning: None, before: Vec::new() }
}

/// Asks with values that are made up no deeper than this. Says too whether deeper ones would make no difference.
fn ask_within<V: DeserializeOwned>(path: &[Step], human_readable: bool, depth: usize) -> (Answer, bool) {
    let mut script = Script::default();
    let mut meaning = None;
    let mut too_deep = false;
    for _ in 0..MAX_TRIES {
        let run = Run::new(path, human_readable, script, depth);
        // Whether this succeeds says nothing. A type that panics over a made-up value has only refused it.
        let _ = catch_unwind(AssertUnwindSafe(|| V::deserialize(run.probe(Goal::Part(0))).is_ok()));
        if let Some(call) = run.call.get() {
            return (Answer { call, meaning: run.meaning.take(), before: run.before.take() }, true);
        }
        too_deep |= run.too_deep.get();
        meaning = run.meaning.into_inner();
        script = run.script.into_inner();
        if meaning.is_some() || !script.try_another() {
            break;
        }
    }
    // It took the name, but then asked for nothing.
    let call = if meaning.is_some() { Call::Nothing } else { Call::Unknown };
    let is_final = meaning.is_some() || !too_deep;
    (Answer { call, meaning, before: Vec::new() }, is_final)
}

/// One try to have a question answered.
struct Run<'r> {
    path: &'r [Step],
    human_readable: bool,
    /// How deep values are made up.
    depth: usize,
    too_deep: Cell<bool>,
    script: RefCell<Script>,
    call: Cell<Option<Call>>,
    meaning: RefCell<Option<String>>,
    before: RefCell<Vec<&'static str>>,
    /// Who asked on the way, by the number of steps.
    trail: RefCell<Vec<Identity>>,
}

/// Tells types apart: the visitor of a type is its own, and has its generic arguments in its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    visitor: &'static str,
    names: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Goal {
    /// The part at the end of the path, of which so many steps are done.
    Part(usize),
    /// Any value, nested so deep.
    Any(usize),
}

/// How deep a value is made up, one after the other.
const DEPTHS: [usize; 5] = [2, 4, 8, 16, 32];

impl<'r> Run<'r> {
    fn new(path: &'r [Step], human_readable: bool, script: Script, depth: usize) -> Self {
        Self {
            path,
            human_readable,
            depth,
            too_deep: Cell::default(),
            script: RefCell::new(script),
            call: Cell::default(),
            meaning: RefCell::default(),
            before: RefCell::default(),
            trail: RefCell::default(),
        }
    }

    fn probe(&self, goal: Goal) -> Probe<'_> {
        Probe { run: self, goal }
    }

    fn choose<T: Copy>(&self, of: &[T]) -> Result<T, Refused> {
        of.get(self.script.borrow_mut().choose(of.len())).copied().ok_or(Refused)
    }

    fn is_asked(&self, goal: Goal) -> bool {
        matches!(goal, Goal::Part(depth) if depth == self.path.len())
    }

    fn note_meaning<T>(&self, goal: Goal, of: &T) {
        if self.is_asked(goal) {
            *self.meaning.borrow_mut() = Some(format!("{:?}", discriminant(of)));
        }
    }
}

/// A deserializer at one part.
#[derive(Clone, Copy)]
struct Probe<'r> {
    run: &'r Run<'r>,
    goal: Goal,
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

    fn made_up(self) -> Self {
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
            Todo::Go(..) => Err(Refused),
            Todo::MakeUp(content) => {
                let at = self.run.script.borrow_mut().choose(names.len());
                visitor.visit_enum(OneVariant { name: names.get(at).ok_or(Refused)?, at, content })
            }
        }
    }
}

/// The name of a field or a variant: as a text, or as its place where a type wants no text.
struct Name<'r> {
    run: &'r Run<'r>,
    name: &'static str,
    at: usize,
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
struct Items<'r> {
    made_up: usize,
    with: Probe<'r>,
    then: Option<Probe<'r>>,
}

impl<'r> Items<'r> {
    fn all(made_up: usize, with: Probe<'r>) -> Self {
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
struct Entries<'r> {
    left: usize,
    key: Probe<'r>,
    value: Probe<'r>,
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
struct FewFields<'r> {
    /// The tag's name, and the variant that it says; until it was said.
    tag: Option<(&'static str, usize)>,
    name: Option<(&'static str, usize)>,
    value: Probe<'r>,
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
struct OneVariant<'r> {
    name: &'static str,
    at: usize,
    content: Probe<'r>,
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
struct Refused;

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
