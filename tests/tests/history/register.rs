//! What a register is, and what each action does to it.

use std::collections::HashSet;

use session_tests::history::Action;

/// What is in a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum State {
    /// The session is not there yet.
    Unborn,
    /// What there is.
    Holds(Option<u64>),
    /// The session has ended.
    Ended,
}

impl State {
    /// The state after the action; `None` when the action can't have been done in this state.
    pub(crate) fn after(self, action: Action) -> Option<Self> {
        let holds = matches!(self, Self::Holds(_));
        let (is_legal, after) = match action {
            Action::Begin(value) => (self == Self::Unborn, Self::Holds(value)),
            Action::Read(value) => (self == Self::Holds(value), self),
            Action::ReadOther(value) => (self != Self::Holds(value), self),
            Action::ReadTorn(..) => (false, self),
            Action::Write(value) => (holds, Self::Holds(value)),
            Action::Swap(old, new) => (self == Self::Holds(old), Self::Holds(new)),
            Action::EndBy(value) => (self == Self::Holds(value) || self == Self::Ended, Self::Ended),
            Action::End => (self != Self::Unborn, Self::Ended),
        };
        is_legal.then_some(after)
    }
}

/// Whether it leaves the register as it is.
pub(crate) fn is_read(action: Action) -> bool {
    matches!(action, Action::Read(_) | Action::ReadOther(_) | Action::ReadTorn(..))
        || matches!(action, Action::Swap(old, new) if old == new)
}

/// One operation on one register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) action: Action,
    pub(crate) called: u64,
    /// `None`: it may have been done at any time since, or never.
    pub(crate) returned: Option<u64>,
    /// It was asked more than once.
    pub(crate) again: bool,
}

/// Leaves out operations in doubt that no order needs: an order that has them is one without them too, for nobody found what
/// they wrote.
pub(crate) fn needed(history: &[Event]) -> Vec<Event> {
    if history.iter().any(|event| matches!(event.action, Action::ReadOther(_))) {
        // Any of them may be what was there instead.
        return history.to_vec();
    }
    let mut found: HashSet<u64> = HashSet::new();
    loop {
        let is_needed = |event: &&Event| event.returned.is_some() || may_matter(event.action, &found);
        let needed: Vec<_> = history.iter().filter(is_needed).copied().collect();
        let before = found.len();
        found.extend(needed.iter().filter_map(|event| finds(event.action)));
        if found.len() == before {
            return needed;
        }
    }
}

/// The value without which it can't have been done.
fn finds(action: Action) -> Option<u64> {
    match action {
        Action::Read(value) | Action::Swap(value, _) | Action::EndBy(value) => value,
        _ => None,
    }
}

/// Whether an operation in doubt may be what led to something that was found.
fn may_matter(action: Action, found: &HashSet<u64>) -> bool {
    match action {
        Action::Write(value) | Action::Swap(_, value) | Action::Begin(value) => {
            value.is_none_or(|value| found.contains(&value))
        }
        Action::EndBy(_) | Action::End => true,
        Action::Read(_) | Action::ReadOther(_) | Action::ReadTorn(..) => false,
    }
}
