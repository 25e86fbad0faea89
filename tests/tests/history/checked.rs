//! The checker is checked: histories that are known to be right or wrong, and tiny ones against all orders there are.

use proptest::prelude::*;
use session_tests::history::Action::{self, Begin, End, EndBy, Read, ReadOther, ReadTorn, Swap, Write};

use crate::checker::check;
use crate::register::{Event, State};

const A: Option<u64> = Some(1);
const B: Option<u64> = Some(2);
const C: Option<u64> = Some(3);

/// What was called at the first time and answered at the second.
fn event((called, returned, action): (u64, u64, Action)) -> Event {
    Event { action, called, returned: Some(returned), again: false }
}

/// What was called at this time, and nobody knows whether it was done.
fn in_doubt(called: u64, action: Action) -> Event {
    Event { action, called, returned: None, again: false }
}

fn history<const N: usize>(calls: [(u64, u64, Action); N]) -> Vec<Event> {
    calls.map(event).to_vec()
}

#[test]
fn what_happens_one_after_the_other_is_accepted() {
    let calls = [(0, 1, Begin(A)), (2, 3, Read(A)), (4, 5, Swap(A, B)), (6, 7, Swap(B, None)), (8, 9, Write(C))];
    assert_eq!(check(&history(calls)), Ok(()));
    let calls = [(0, 1, Begin(A)), (2, 3, EndBy(A)), (4, 5, ReadOther(A)), (6, 7, EndBy(A)), (8, 9, End)];
    assert_eq!(check(&history(calls)), Ok(()));
}

#[test]
fn what_happens_at_once_may_be_in_any_order() {
    let begin = (0, 1, Begin(A));
    assert_eq!(check(&history([begin, (2, 9, Write(B)), (3, 4, Read(A)), (5, 6, Read(B))])), Ok(()));
    assert_eq!(check(&history([begin, (2, 9, Swap(B, C)), (3, 4, Swap(A, B)), (5, 8, Read(C))])), Ok(()));
    assert_eq!(check(&history([begin, (2, 5, Write(B)), (3, 6, End), (4, 7, Read(A))])), Ok(()));
}

#[test]
fn what_is_in_doubt_may_be_done_at_any_time_or_never() {
    for found in [A, B] {
        let mut calls = history([(0, 1, Begin(A)), (8, 9, Read(found))]);
        calls.push(in_doubt(2, Write(B)));
        assert_eq!(check(&calls), Ok(()));
    }
    let mut calls = history([(0, 1, Begin(A)), (4, 5, Read(B)), (6, 7, Read(A))]);
    calls.push(in_doubt(2, Write(B)));
    check(&calls).expect_err("it can't be undone");
    let mut calls = history([(0, 1, Begin(A)), (2, 3, Read(B))]);
    calls.push(in_doubt(4, Write(B)));
    check(&calls).expect_err("it was found before it was asked for");
}

#[test]
fn a_lost_update_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 5, Swap(A, B)), (3, 6, Swap(A, C))])).expect_err("both began with the same");
    check(&history([(0, 1, Begin(A)), (2, 3, Write(B)), (4, 5, Read(A))])).expect_err("it was acknowledged");
}

#[test]
fn a_stale_read_is_rejected() {
    let calls = [(0, 1, Begin(A)), (2, 9, Write(B)), (3, 4, Read(B)), (5, 6, Read(A))];
    check(&history(calls)).expect_err("it was newer before");
}

#[test]
fn what_is_taken_twice_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 5, Swap(A, None)), (3, 6, Swap(A, None))])).expect_err("there was one");
}

#[test]
fn a_session_that_comes_back_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 3, End), (4, 5, Read(A))])).expect_err("it was ended");
    check(&history([(0, 1, Begin(A)), (2, 3, End), (4, 5, Write(B))])).expect_err("it was ended");
    let calls = [(0, 1, Begin(A)), (2, 9, EndBy(A)), (3, 4, ReadOther(A)), (5, 6, Read(A))];
    check(&history(calls)).expect_err("it was seen to have ended");
}

#[test]
fn a_session_that_is_lost_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 3, ReadOther(A))])).expect_err("nobody ended it, or has another secret");
}

#[test]
fn an_old_secret_that_opens_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 3, Swap(A, B)), (4, 5, Read(A))])).expect_err("it was replaced");
}

#[test]
fn a_torn_change_set_is_rejected() {
    check(&history([(0, 1, Begin(A)), (2, 9, Write(B)), (3, 4, ReadTorn(A, B))]))
        .expect_err("they are written together");
}

#[test]
fn what_is_told_of_a_rejected_history_is_the_part_that_shows_it() {
    let mut calls = history([(0, 1, Begin(A)), (2, 3, Swap(A, B)), (100, 101, Read(A)), (102, 103, Read(A))]);
    calls.extend((10..50).map(|time| event((time, time, Read(B)))));
    let told = check(&calls).expect_err("it was replaced");
    assert_eq!(told, history([(0, 1, Begin(A)), (2, 3, Swap(A, B)), (100, 101, Read(A))]));
}

#[test]
fn a_long_history_takes_a_moment() {
    let swaps = (0..100_000).map(|n| event((2 * n + 2, 2 * n + 5, Swap(Some(n), Some(n + 1)))));
    let history: Vec<_> = [event((0, 1, Begin(Some(0))))].into_iter().chain(swaps).collect();
    assert_eq!(check(&history), Ok(()));
}

/// Whether any order explains the history: each is tried.
fn has_an_order(left: &[Event], state: State) -> bool {
    let may_be_next = |event: &Event| left.iter().all(|other| other.returned.is_none_or(|end| end >= event.called));
    left.iter().all(|event| event.returned.is_none())
        || left.iter().enumerate().filter(|(_, event)| may_be_next(event)).any(|(at, event)| {
            let rest = [&left[..at], &left[at + 1..]].concat();
            state.after(event.action).is_some_and(|state| has_an_order(&rest, state))
        })
}

fn actions() -> impl Strategy<Value = Action> {
    let value = || prop_oneof![Just(None), (1_u64..4).prop_map(Some)];
    prop_oneof![
        4 => value().prop_map(Read),
        1 => value().prop_map(ReadOther),
        3 => value().prop_map(Write),
        4 => (value(), value()).prop_map(|(old, new)| Swap(old, new)),
        1 => value().prop_map(EndBy),
        1 => Just(End),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let times = (2_u64..12, 0_u64..6, 0..5);
    (actions(), times).prop_map(|(action, (called, took, doubt))| Event {
        action,
        called,
        returned: (doubt > 0).then_some(called + took),
        again: false,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tiny_histories_are_judged_as_all_orders_say(events in prop::collection::vec(events(), 0..7)) {
        let history: Vec<_> = [event((0, 1, Begin(A)))].into_iter().chain(events).collect();
        prop_assert_eq!(check(&history).is_ok(), has_an_order(&history, State::Unborn));
    }
}
