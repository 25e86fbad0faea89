//! A whole history, register by register.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use session_tests::history::{Action, Operation, Register};

use crate::checker::check;
use crate::register::Event;

/// What a history turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Operations on registers; a call of the API is one or a few.
    pub(crate) operations: usize,
    /// How many of them have an unknown outcome.
    pub(crate) unknown: usize,
    pub(crate) sessions: usize,
    /// Registers whose history is explained only if a write that was asked twice was done twice, each with that part of it.
    pub(crate) twice: Vec<String>,
    /// Registers whose history is not explained at all, each with that part of it.
    pub(crate) violations: Vec<String>,
}

impl Verdict {
    pub(crate) fn of(history: &[Operation]) -> Self {
        let mut registers: BTreeMap<(u64, Register), Vec<Event>> = BTreeMap::new();
        for operation in history {
            let Operation { session, register, action, called, returned, again } = *operation;
            registers.entry((session, register)).or_default().push(Event { action, called, returned, again });
        }
        let mut verdict = Self {
            operations: history.len(),
            unknown: history.iter().filter(|operation| operation.returned.is_none()).count(),
            sessions: registers.len() / Register::ALL.len(),
            ..Self::default()
        };
        for ((session, register), events) in registers {
            if let Err(unexplained) = check(&events) {
                let text = format!("{register:?} of session {session:x}:\n{}", told(&unexplained));
                match check(&with_repetitions(&events)) {
                    Ok(()) => verdict.twice.push(text),
                    Err(_) => verdict.violations.push(text),
                }
            }
        }
        verdict
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.operations += other.operations;
        self.unknown += other.unknown;
        self.sessions += other.sessions;
        self.twice.extend(other.twice);
        self.violations.extend(other.violations);
    }
}

/// The same, where each operation that was asked again may have been done a second time. One that needs what it found can't have
/// been, unless it found nothing.
fn with_repetitions(events: &[Event]) -> Vec<Event> {
    let is_repeatable = |action| matches!(action, Action::Write(_) | Action::Swap(None, Some(_)));
    let asked_again = events.iter().filter(|event| event.again && is_repeatable(event.action));
    events.iter().copied().chain(asked_again.map(|event| Event { returned: None, ..*event })).collect()
}

/// The history for people, in microseconds since its beginning.
fn told(events: &[Event]) -> String {
    let mut events = events.to_vec();
    events.sort_by_key(|event| event.called);
    let start = events.first().map_or(0, |event| event.called);
    let since = |time: u64| (time - start) as f64 / 1000.0;
    let mut text = String::new();
    for event in &events {
        let returned = event.returned.map_or("?".to_owned(), |returned| format!("{:.1}", since(returned)));
        let again = if event.again { ", asked again" } else { "" };
        writeln!(text, "  {:>10.1} – {returned:>10}  {:?}{again}", since(event.called), event.action).unwrap();
    }
    text
}
