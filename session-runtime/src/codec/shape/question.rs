//! One question to a type: what does it ask for at the end of this path?

use std::cell::{Cell, RefCell};
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::de::DeserializeOwned;

use super::Scalar;
use super::probe::{Probe, Refused};
use super::samples::{MAX_TRIES, Script};

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
    /// To the content of the variant with this number, whose name is not told.
    Numbered(u32),
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

/// A type that reads itself, whichever it is: all that a question must know of it.
pub(super) type Reader = fn(Probe<'_>);

/// Has a `V` read itself. Whether it succeeds says nothing. A type that panics over a made-up value has only refused it.
pub(super) fn reader<V: DeserializeOwned>(probe: Probe<'_>) {
    let _ = catch_unwind(AssertUnwindSafe(|| V::deserialize(probe).is_ok()));
}

/// Asks a type what it calls for at the end of the path.
///
/// Values are made up as shallow as they can be: a type that contains itself in its first variant would not come to an end.
pub(super) fn ask(reader: Reader, path: &[Step], human_readable: bool) -> Answer {
    for depth in DEPTHS {
        let (answer, is_final) = ask_within(reader, path, human_readable, depth);
        if is_final {
            return answer;
        }
    }
    Answer { call: Call::Unknown, meaning: None, before: Vec::new() }
}

/// Asks with values that are made up no deeper than this. Says too whether deeper ones would make no difference.
fn ask_within(reader: Reader, path: &[Step], human_readable: bool, depth: usize) -> (Answer, bool) {
    let mut script = Script::default();
    let mut meaning = None;
    let mut too_deep = false;
    for _ in 0..MAX_TRIES {
        let run = Run::new(path, human_readable, script, depth);
        reader(run.probe(Goal::Part(0)));
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
pub(super) struct Run<'r> {
    pub(super) path: &'r [Step],
    pub(super) human_readable: bool,
    /// How deep values are made up.
    pub(super) depth: usize,
    pub(super) too_deep: Cell<bool>,
    pub(super) script: RefCell<Script>,
    pub(super) call: Cell<Option<Call>>,
    meaning: RefCell<Option<String>>,
    pub(super) before: RefCell<Vec<&'static str>>,
    /// Who asked on the way, by the number of steps.
    pub(super) trail: RefCell<Vec<Identity>>,
}

/// Tells types apart: the visitor of a type is its own, and has its generic arguments in its name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) visitor: &'static str,
    pub(super) names: &'static [&'static str],
}

#[derive(Clone, Copy)]
pub(super) enum Goal {
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

    pub(super) fn probe(&self, goal: Goal) -> Probe<'_> {
        Probe { run: self, goal }
    }

    pub(super) fn choose<T: Copy>(&self, of: &[T]) -> Result<T, Refused> {
        of.get(self.script.borrow_mut().choose(of.len())).copied().ok_or(Refused)
    }

    pub(super) fn is_asked(&self, goal: Goal) -> bool {
        matches!(goal, Goal::Part(depth) if depth == self.path.len())
    }

    pub(super) fn note_meaning<T>(&self, goal: Goal, of: &T) {
        if self.is_asked(goal) {
            *self.meaning.borrow_mut() = Some(format!("{:?}", discriminant(of)));
        }
    }
}
