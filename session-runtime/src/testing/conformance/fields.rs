//! Fields: written, removed, swapped, whole or not at all.

use std::pin::pin;
use std::task::{Context, Waker};

use super::subject::*;
use crate::record::{ChangeSet, Expect, Revision};

/// A removed field is absent, whether it was removed outright or left a tombstone; it can be set again.
pub(super) async fn a_removed_field_is_absent(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2"), set(C, "3")]).await;
    subject.apply(held.id, &ChangeSet { remove: vec![A], set: vec![tombstone(B)], ..held.change() }).await;
    let record = subject.load(held.id, &[A, B, C]).await.expect("the session is there");
    assert_eq!(record.fields.iter().map(Option::is_some).collect::<Vec<_>>(), [false, false, true]);
    subject.put(held, set(B, "again")).await;
    assert_eq!(subject.value(held.id, B).await.as_deref(), Some("again"));
}

/// A commit touches the fields that it names, and no others.
pub(super) async fn writes_to_one_field_leave_the_others(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2")]).await;
    let before = subject.entry(held.id, B).await;
    subject.put(held, set(A, "new")).await;
    assert_eq!(subject.entry(held.id, B).await, before);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("new"));
}

/// A swap is applied if the field has the revision that was seen, or is as absent as it was seen to be; else not.
pub(super) async fn a_swap_needs_the_revision_that_was_seen(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let seen = subject.entry(held.id, A).await;
    let swap = |key, entry: Option<&_>, to: &str| ChangeSet {
        expect: vec![expect(key, entry)],
        set: vec![set(key, to)],
        ..held.change()
    };
    subject.apply(held.id, &swap(A, seen.as_ref(), "2")).await;
    assert_conflict(subject.commit(held.id, &swap(A, seen.as_ref(), "3")).await);
    assert_conflict(subject.commit(held.id, &swap(A, None, "3")).await);
    subject.apply(held.id, &swap(B, None, "1")).await;
    assert_conflict(subject.commit(held.id, &swap(B, None, "2")).await);

    // Absent, after it was there: a tombstone has a revision, but is no value that anybody saw.
    let buried = tombstone(B);
    let revision = Some(buried.revision);
    subject.put(held, buried).await;
    let by_tombstone = ChangeSet { expect: vec![Expect { key: B, revision }], set: vec![set(B, "3")], ..held.change() };
    assert_conflict(subject.commit(held.id, &by_tombstone).await);
    subject.apply(held.id, &swap(B, None, "4")).await;
    let values = (subject.value(held.id, A).await, subject.value(held.id, B).await);
    assert_eq!(values, (Some("2".into()), Some("4".into())));
}

/// A conflict shows the expected fields as they are, so that nobody must load them again.
pub(super) async fn a_refused_swap_tells_what_is_there(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let stale = Expect { key: A, revision: Some(Revision::random()) };
    let changes = ChangeSet { expect: vec![stale, expect(B, None)], set: vec![set(A, "2")], ..held.change() };
    let current = assert_conflict(subject.commit(held.id, &changes).await);
    assert_eq!(current, [subject.entry(held.id, A).await, None]);
}

/// One field that is not as expected, and nothing of the change set is applied: no field, no removal, no new secret.
pub(super) async fn a_change_set_is_applied_whole_or_not_at_all(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2")]).await;
    let before = subject.load(held.id, &[A, B, C]).await;
    let changes = ChangeSet {
        expect: vec![expect(A, subject.entry(held.id, A).await.as_ref()), Expect { key: B, revision: None }],
        set: vec![set(A, "changed"), set(C, "new")],
        remove: vec![B],
        rotate: Some(supersede(held.hash)),
        remember: Some(100 * HOUR),
        authenticated: true,
        ..held.change()
    };
    assert_conflict(subject.commit(held.id, &changes).await);
    assert_eq!(subject.load(held.id, &[A, B, C]).await, before);
}

/// Two fields that are always written together are never seen apart.
pub(super) async fn readers_see_no_half_of_a_change_set(subject: Subject) {
    let held = subject.session([set(A, "0"), set(B, "0")]).await;
    let writer = {
        let subject = subject.clone();
        tokio::spawn(async move {
            for n in 1..=100 {
                let both = vec![set(A, &n.to_string()), set(B, &n.to_string())];
                subject.apply(held.id, &ChangeSet { set: both, ..held.change() }).await;
            }
        })
    };
    while !writer.is_finished() {
        let record = subject.load(held.id, &[A, B]).await.expect("the session is there");
        let values: Vec<_> = record.fields.iter().map(|entry| entry.as_ref().map(text)).collect();
        assert_eq!(values[0], values[1]);
        tokio::task::yield_now().await;
    }
    writer.await.expect("the writer works");
}

/// A commit whose caller goes away, at any await, is applied whole or not at all.
pub(super) async fn a_dropped_commit_is_whole_or_nothing(subject: Subject) {
    let held = subject.session([set(A, "0"), set(B, "0")]).await;
    for polls in 0..20 {
        let value = format!("after {polls} polls");
        let changes = ChangeSet { set: vec![set(A, &value), set(B, &value)], ..held.change() };
        poll_and_drop(subject.store.commit(held.id, &changes, Some(subject.now)), polls).await;
        let record = subject.load(held.id, &[A, B]).await.expect("the session is there");
        let values: Vec<_> = record.fields.iter().map(|entry| entry.as_ref().map(text)).collect();
        assert_eq!(values[0], values[1], "after {polls} polls");
    }
    subject.put(held, set(A, "the store goes on working")).await;
}

/// Polls the future so often, lets others run in between, and drops it.
async fn poll_and_drop<T>(future: impl Future<Output = T>, polls: usize) {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return;
        }
        tokio::task::yield_now().await;
    }
}
