//! Whether a register's history is linearizable: whether each operation can have been done at one moment between its call and
//! its answer.
//!
//! The method is Wing and Gong's as Lowe improved it ("Testing for linearizability", 2017), just in time: the history is gone
//! through in the order of time, with all the states that the register may be in at that time, each with the operations under
//! way that are done in it. An operation is done no sooner than an answer demands it, but a read as soon as it can be. Memory
//! and time depend on how many operations are under way at once, not on the length of the history. An operation whose outcome
//! is unknown is under way for ever, and need never be done, as with Jepsen.
//!
//! The crates there are (`stateright`, `todc-utils`) check histories of a few operations of a model checker or a simulation:
//! all orders are tried over the whole history at once, and each call must have an answer.

use std::collections::HashSet;

use crate::register::{Event, State, is_read, needed};

/// A possible state of the register, and which of the operations under way are done in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Possibility {
    state: State,
    done: u128,
}

/// The operations under way; each has a bit.
struct UnderWay {
    places: [Option<Event>; 128],
}

/// Checks a history; `Err` with the part of it that no order explains, the last answer being the one too much.
pub(crate) fn check(history: &[Event]) -> Result<(), Vec<Event>> {
    let history = needed(history);
    match first_unexplained(&history) {
        None => Ok(()),
        Some(moment) => Err(shortest(&history, moment)),
    }
}

/// The moment of the first answer that no order explains.
fn first_unexplained(history: &[Event]) -> Option<u64> {
    let mut moments = Vec::with_capacity(history.len() * 2);
    for (at, event) in history.iter().enumerate() {
        moments.push((event.called, false, at));
        moments.extend(event.returned.map(|returned| (returned, true, at)));
    }
    // Of a call and an answer at one moment the call is first: they may have been at once.
    moments.sort_unstable();
    let mut under_way = UnderWay { places: [None; 128] };
    let mut places = vec![0; history.len()];
    let mut possible = HashSet::from([Possibility { state: State::Unborn, done: 0 }]);
    for (moment, is_answer, at) in moments {
        if is_answer {
            possible = under_way.answer(places[at], &possible);
            if possible.is_empty() {
                return Some(moment);
            }
        } else {
            places[at] = under_way.call(history[at]);
            possible = possible.into_iter().map(|before| under_way.with_reads(before)).collect();
            under_way.forget_done(&mut possible);
        }
    }
    None
}

impl UnderWay {
    fn call(&mut self, event: Event) -> usize {
        let free = self.places.iter().position(Option::is_none);
        let place = free.expect("fewer operations are under way or in doubt at once: let less go wrong");
        self.places[place] = Some(event);
        place
    }

    /// What is possible once the operation at this place is done.
    fn answer(&mut self, place: usize, possible: &HashSet<Possibility>) -> HashSet<Possibility> {
        let bit = 1 << place;
        let mut seen = possible.clone();
        let mut open: Vec<_> = possible.iter().copied().collect();
        let mut after = HashSet::new();
        while let Some(before) = open.pop() {
            if before.done & bit != 0 {
                after.insert(Possibility { done: before.done & !bit, ..before });
                continue;
            }
            for next in self.next(before) {
                if seen.insert(next) {
                    open.push(next);
                }
            }
        }
        self.places[place] = None;
        after
    }

    /// What is possible after one more operation.
    fn next(&self, before: Possibility) -> impl Iterator<Item = Possibility> {
        self.left(before).filter_map(move |(place, event)| {
            let state = before.state.after(event.action)?;
            Some(self.with_reads(Possibility { state, done: before.done | 1 << place }))
        })
    }

    /// The same after all reads that can be done now: to wait with them gains nothing.
    fn with_reads(&self, before: Possibility) -> Possibility {
        let is_done = |event: &Event| is_read(event.action) && before.state.after(event.action).is_some();
        let reads = self.left(before).filter(|(_, event)| is_done(event));
        Possibility { done: reads.fold(before.done, |done, (place, _)| done | 1 << place), ..before }
    }

    fn left(&self, before: Possibility) -> impl Iterator<Item = (usize, &Event)> {
        let under_way = self.places.iter().enumerate().filter_map(|(place, event)| Some((place, event.as_ref()?)));
        under_way.filter(move |(place, _)| before.done & 1 << place == 0)
    }

    /// Frees the places of operations in doubt that are done in whatever is possible.
    fn forget_done(&mut self, possible: &mut HashSet<Possibility>) {
        let in_all = possible.iter().fold(u128::MAX, |all, possibility| all & possibility.done);
        let mut freed = 0;
        for (place, event) in self.places.iter_mut().enumerate() {
            if in_all & 1 << place != 0 && event.is_some_and(|event| event.returned.is_none()) {
                *event = None;
                freed |= 1 << place;
            }
        }
        if freed != 0 {
            *possible = possible.iter().map(|of| Possibility { done: of.done & !freed, ..*of }).collect();
        }
    }
}

/// As little of the history up to this moment as is not linearizable by itself. Only reads are left out, and operations that
/// the others would not miss: what is left is as wrong as the whole.
fn shortest(history: &[Event], moment: u64) -> Vec<Event> {
    let until = |event: &Event| Event { returned: event.returned.filter(|returned| *returned <= moment), ..*event };
    let called: Vec<_> = history.iter().filter(|event| event.called <= moment).map(until).collect();
    let mut kept = needed(&called);
    let mut size = kept.len() / 2;
    while size > 0 {
        let mut from = 0;
        while from < kept.len() {
            let is_left_out = |at: usize| (from..from + size).contains(&at);
            let fewer = kept.iter().enumerate().filter(|(at, event)| !is_left_out(*at) || !is_read(event.action));
            let fewer: Vec<_> = fewer.map(|(_, event)| *event).collect();
            if fewer.len() < kept.len() && first_unexplained(&fewer).is_some() {
                kept = fewer;
            } else {
                from += size;
            }
        }
        size /= 2;
    }
    kept
}
