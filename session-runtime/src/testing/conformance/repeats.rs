//! Commits that are asked a second time because their answer was lost.

use super::subject::*;
use crate::record::{Basis, ChangeSet, Outcome, REMEMBERED_WRITES};

fn is_applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied { .. })
}

/// A creation is recognised by its secret, and does not undo what came after it.
pub(super) async fn a_creation_asked_again_is_applied_once(subject: Subject) {
    let (id, create) = (new_id(), create());
    let held = Held { id, hash: create.secret_hash, epoch: create.epoch };
    let mut changes = ChangeSet::new(Basis::Create(create));
    changes.set = vec![set(A, "first")];
    subject.apply(id, &changes).await;
    subject.put(held, set(A, "later")).await;
    subject.apply(id, &changes).await;
    assert_eq!(subject.value(id, A).await.as_deref(), Some("later"));
}

/// A write is recognised by its revision: what else the commit did is not done a second time.
pub(super) async fn a_write_asked_again_is_applied_once(subject: Subject) {
    let held = subject.session([set(B, "0")]).await;
    let changes = ChangeSet { set: vec![set(A, "1")], remove: vec![B], ..held.change() };
    subject.apply(held.id, &changes).await;
    subject.put(held, set(B, "by another")).await;
    subject.apply(held.id, &changes).await;
    assert_eq!(subject.value(held.id, B).await.as_deref(), Some("by another"));
}

/// A write that others have overwritten since is recognised too: else it would undo what they have built on it.
pub(super) async fn a_write_asked_again_does_not_undo_what_came_after_it(subject: Subject) {
    let held = subject.session([]).await;
    for write in [set(A, "1"), tombstone(A)] {
        let changes = ChangeSet { set: vec![write], ..held.change() };
        subject.apply(held.id, &changes).await;
        // Each of them: it is the last that would be overwritten.
        for nth in 0..REMEMBERED_WRITES {
            let value = nth.to_string();
            subject.put(held, set(A, &value)).await;
            subject.apply(held.id, &changes).await;
            assert_eq!(subject.value(held.id, A).await.as_deref(), Some(&*value));
        }
    }
}

/// A swap that was applied is not a conflict with itself.
pub(super) async fn a_swap_asked_again_is_applied_once(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let seen = subject.entry(held.id, A).await;
    let changes =
        ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![set(A, "2"), set(B, "2")], ..held.change() };
    subject.apply(held.id, &changes).await;
    subject.put(held, set(B, "by another")).await;
    assert!(is_applied(&subject.commit(held.id, &changes).await));
    assert_eq!(subject.value(held.id, B).await.as_deref(), Some("by another"));
}

/// Of two who took a field, the one who did learns so when it asks again, and so does the other.
pub(super) async fn a_removal_asked_again_is_told_from_anothers(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let seen = subject.entry(held.id, A).await;
    let take = || ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![tombstone(A)], ..held.change() };
    let (mine, other) = (take(), take());
    subject.apply(held.id, &mine).await;
    assert_eq!(assert_conflict(subject.commit(held.id, &other).await), [None]);
    assert!(is_applied(&subject.commit(held.id, &mine).await));
    assert_eq!(assert_conflict(subject.commit(held.id, &other).await), [None]);
}

/// That a write is recognised opens nothing to a secret that is superseded since.
pub(super) async fn a_write_asked_again_needs_its_guard_still(subject: Subject) {
    let held = subject.session([]).await;
    let changes = ChangeSet { set: vec![set(A, "1")], ..held.change() };
    subject.apply(held.id, &changes).await;
    subject.apply(held.id, &ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() }).await;
    assert_superseded(&subject.commit(held.id, &changes).await);
}

/// A rotation is recognised by its new secret, though its guard is the old one.
pub(super) async fn a_rotation_asked_again_is_applied_once(subject: Subject) {
    let held = subject.session([]).await;
    let rotate = supersede(held.hash);
    let changes = ChangeSet { rotate: Some(rotate.clone()), authenticated: true, ..held.change() };
    let first = subject.apply(held.id, &changes).await;
    assert_eq!(subject.apply(held.id, &changes).await, first);
    let previous = subject.meta(held.id).await.previous.expect("a previous secret");
    assert_eq!(previous.hash, held.hash);
}
