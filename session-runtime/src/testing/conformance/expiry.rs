//! Time: deadlines of sessions and of fields, and what is swept.

use std::collections::HashSet;

use super::subject::*;
use crate::record::{ChangeSet, Create, Deadline, Ending, Expiry, SetField};

/// From its idle deadline on, to the moment, a session is absent.
pub(super) async fn a_session_is_absent_from_its_idle_deadline_on(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    subject.pass(HOUR - SECOND);
    assert!(subject.load(held.id, &[A]).await.is_some());
    subject.pass(SECOND);
    assert!(subject.load(held.id, &[A]).await.is_none());
}

/// From its absolute deadline on a session is absent, however much it is used.
pub(super) async fn a_session_is_absent_from_its_absolute_deadline_on(mut subject: Subject) {
    let held = subject.session_of(new_id(), Create { absolute: 2 * HOUR, ..create() }, []).await;
    for _ in 0..3 {
        subject.pass(30 * MINUTE);
        subject.apply(held.id, &ChangeSet { touch: Some(HOUR), ..held.change() }).await;
    }
    subject.pass(30 * MINUTE - SECOND);
    assert!(subject.load(held.id, &[]).await.is_some());
    subject.pass(SECOND);
    assert!(subject.load(held.id, &[]).await.is_none());
}

/// An expired session that was not swept is as absent as a destroyed one.
pub(super) async fn an_expired_session_never_comes_back(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    subject.pass(HOUR);
    let late = ChangeSet { touch: Some(HOUR), set: vec![set(A, "2")], remember: Some(HOUR), ..held.change() };
    assert_gone(&subject.commit(held.id, &late).await);
    assert_eq!(subject.destroy(held).await, Ending::Gone);
    assert!(subject.load(held.id, &[A]).await.is_none());
}

/// From its expiry on a field is absent, and its revision matches nothing; a new value has its own expiry.
pub(super) async fn a_field_is_absent_from_its_expiry_on(mut subject: Subject) {
    let after = |key, expiry| SetField { expiry, ..set(key, "1") };
    let at = subject.now + 2 * MINUTE;
    let held = subject.session([after(A, Expiry::After(MINUTE)), after(B, Expiry::At(at)), set(C, "1")]).await;
    subject.pass(MINUTE - SECOND);
    let seen = subject.entry(held.id, A).await.expect("a second is left");
    assert_eq!(seen.expires, Some(subject.now + SECOND));
    subject.pass(SECOND);
    assert_eq!(subject.entry(held.id, A).await, None);
    let swap = |seen| ChangeSet { expect: vec![expect(A, seen)], set: vec![set(A, "2")], ..held.change() };
    assert_conflict(subject.commit(held.id, &swap(Some(&seen))).await);
    subject.apply(held.id, &swap(None)).await;
    subject.put(held, after(C, Expiry::After(10 * SECOND))).await;
    subject.pass(MINUTE);
    let record = subject.load(held.id, &[A, B, C]).await.expect("the session is there");
    assert_eq!(record.fields.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false, false]);
}

/// A touch moves the idle deadline when that is worth a write, by more than a tenth; it moves nothing else and never back.
pub(super) async fn a_touch_moves_only_the_idle_deadline_and_never_back(mut subject: Subject) {
    let held = subject.session([]).await;
    let touch = |idle| ChangeSet { touch: Some(idle), ..held.change() };
    let begun = subject.meta(held.id).await;
    subject.pass(6 * MINUTE);
    assert_eq!(subject.apply(held.id, &touch(HOUR)).await.idle_deadline, begun.idle_deadline);
    subject.pass(SECOND);
    let moved = subject.apply(held.id, &touch(HOUR)).await;
    assert_eq!(moved.idle_deadline, subject.now + HOUR);
    assert_eq!(moved.absolute_deadline, begun.absolute_deadline);
    assert_eq!(subject.apply(held.id, &touch(MINUTE)).await, moved);
}

/// Remembering sets both deadlines anew, earlier or later than before.
pub(super) async fn remembering_replaces_both_deadlines(subject: Subject) {
    let held = subject.session([]).await;
    for life in [1000 * HOUR, MINUTE] {
        let meta = subject.apply(held.id, &ChangeSet { remember: Some(life), ..held.change() }).await;
        let until = subject.now + life;
        assert_eq!((meta.idle_deadline, meta.absolute_deadline, meta.persistent), (until, until, true));
        assert_eq!(subject.meta(held.id).await, meta);
    }
}

/// An authentication leaves its time, and the absolute deadline begins anew.
pub(super) async fn an_authentication_is_written_down(mut subject: Subject) {
    let held = subject.session([]).await;
    subject.pass(MINUTE);
    let changes = ChangeSet { authenticated: true, absolute: Some(5 * HOUR), ..held.change() };
    let meta = subject.apply(held.id, &changes).await;
    assert_eq!((meta.authenticated, meta.absolute_deadline), (Some(subject.now), subject.now + 5 * HOUR));
    subject.pass(MINUTE);
    subject.put(held, set(A, "1")).await;
    assert_eq!(subject.meta(held.id).await, meta);
}

/// A sweep deletes expired sessions, at most as many as it is told, and names them. One that has nothing to sweep deletes
/// nothing, and one that was destroyed has not expired.
pub(super) async fn a_sweep_deletes_what_has_expired_and_nothing_else(mut subject: Subject) {
    let mut expired = Vec::new();
    for _ in 0..4 {
        expired.push((subject.session([set(A, "1")]).await, Deadline::Idle));
    }
    let short = Create { idle: 2 * HOUR, absolute: HOUR, ..create() };
    expired.push((subject.session_of(new_id(), short, []).await, Deadline::Absolute));
    let destroyed = subject.session([set(A, "1")]).await;
    subject.destroy(destroyed).await;
    subject.pass(30 * MINUTE);
    let living = subject.session([set(A, "1")]).await;
    let sweep = |subject: &Subject, limit| {
        let (store, now) = (subject.store.clone(), subject.now);
        async move { store.sweep(limit, Some(now)).await.expect("the store works") }
    };
    assert_eq!(sweep(&subject, 100).await, []);
    subject.pass(30 * MINUTE);
    let swept = [sweep(&subject, 3).await, sweep(&subject, 100).await, sweep(&subject, 100).await];
    assert_eq!(subject.value(living.id, A).await.as_deref(), Some("1"));
    if !subject.store.needs_sweeping() {
        assert_eq!(swept.concat(), []);
        return;
    }
    assert_eq!(swept.each_ref().map(Vec::len), [3, 2, 0]);
    let named: HashSet<_> = swept.concat().into_iter().map(|expired| (expired.id, expired.deadline)).collect();
    assert_eq!(named, expired.iter().map(|(held, deadline)| (held.id, *deadline)).collect());
    // By a clock that is behind they would live still, if they had not been deleted.
    subject.now -= HOUR;
    for (held, _) in expired {
        assert!(subject.load(held.id, &[A]).await.is_none());
    }
}
