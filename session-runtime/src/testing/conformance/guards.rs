//! Who may change a session: secrets, epochs, rotations, and the end.

use super::subject::*;
use crate::record::{Basis, ChangeSet, Ending, Guard, Outcome, PreviousKind};

/// Another secret than the session's opens nothing.
pub(super) async fn a_wrong_secret_changes_nothing(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let stranger = Held { hash: hash(), ..held };
    let changes = ChangeSet { set: vec![set(A, "2")], remove: vec![A], remember: Some(HOUR), ..stranger.change() };
    assert_gone(&subject.commit(held.id, &changes).await);
    assert_eq!(subject.destroy(stranger).await, Ending::Gone);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("1"));
}

/// After a rotation the new secret opens the session; its fields, ID and deadlines are where they were.
pub(super) async fn a_rotation_replaces_the_secret_and_keeps_the_rest(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let before = subject.load(held.id, &[A]).await.expect("the session is there");
    let rotate = supersede(held.hash);
    let meta = subject.apply(held.id, &ChangeSet { rotate: Some(rotate.clone()), ..held.change() }).await;
    assert_eq!(meta.secret_hash, rotate.to);
    assert_ne!(meta.epoch, held.epoch);
    let after = subject.load(held.id, &[A]).await.expect("the session is there");
    assert_eq!((after.meta.idle_deadline, after.meta.absolute_deadline, after.meta.created), {
        let meta = before.meta;
        (meta.idle_deadline, meta.absolute_deadline, meta.created)
    });
    assert_eq!(after.fields, before.fields);
    subject.put(Held { hash: rotate.to, ..held }, set(A, "2")).await;
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("2"));
}

/// The secret before a rotation reads as superseded until its time is over, then as unknown; it changes nothing.
pub(super) async fn a_superseded_secret_changes_nothing_and_is_recognised_for_its_time(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    subject.apply(held.id, &ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() }).await;
    let previous = subject.meta(held.id).await.previous.expect("a previous secret");
    assert_eq!((previous.hash, previous.kind), (held.hash, PreviousKind::Superseded));
    assert_eq!(previous.until, Some(subject.now + MINUTE));
    let late = ChangeSet { set: vec![set(A, "late")], ..held.change() };
    subject.pass(MINUTE - SECOND);
    assert_superseded(&subject.commit(held.id, &late).await);
    assert_eq!(subject.destroy(held).await, Ending::Superseded);
    subject.pass(SECOND);
    assert_gone(&subject.commit(held.id, &late).await);
    assert_eq!(subject.destroy(held).await, Ending::Gone);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("1"));
}

/// Whoever was confirmed before a rotation changes nothing after it.
pub(super) async fn an_old_epoch_changes_nothing(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let by_epoch = |epoch| ChangeSet::new(Basis::Guard(Guard::Epoch(epoch)));
    subject.apply(held.id, &ChangeSet { set: vec![set(A, "2")], ..by_epoch(held.epoch) }).await;
    let meta = subject.apply(held.id, &ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() }).await;
    assert_superseded(&subject.commit(held.id, &ChangeSet { set: vec![set(A, "3")], ..by_epoch(held.epoch) }).await);
    assert_eq!(subject.destroy_by(held.id, Guard::Epoch(held.epoch)).await, Ending::Superseded);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("2"));
    subject.apply(held.id, &ChangeSet { set: vec![set(A, "4")], ..by_epoch(meta.epoch) }).await;
}

/// A commit of one field and nothing else needs what any other needs: a store may have a shorter way for it.
pub(super) async fn the_shortest_commit_needs_its_guard_and_a_live_session(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let rotated = subject.apply(held.id, &ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() }).await;
    let seen = subject.entry(held.id, A).await;
    let shortest = |guard| {
        let one = ChangeSet { set: vec![set(A, "2")], ..ChangeSet::new(Basis::Guard(guard)) };
        [ChangeSet { expect: vec![expect(A, seen.as_ref())], ..one.clone() }, one]
    };
    for changes in shortest(Guard::Secret(hash())) {
        assert_gone(&subject.commit(held.id, &changes).await);
    }
    for old in [Guard::Secret(held.hash), Guard::Epoch(held.epoch)] {
        for changes in shortest(old) {
            assert_superseded(&subject.commit(held.id, &changes).await);
        }
    }
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("1"));
    subject.pass(HOUR);
    for present in [Guard::Secret(rotated.secret_hash), Guard::Epoch(rotated.epoch)] {
        for changes in shortest(present) {
            assert_gone(&subject.commit(held.id, &changes).await);
        }
    }
}

/// A write of one field takes along what is due: the end of the secret before, and a touch.
pub(super) async fn the_shortest_commit_does_what_is_due(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let rotate = renew(held.hash);
    subject.apply(held.id, &ChangeSet { rotate: Some(rotate.clone()), ..held.change() }).await;
    subject.pass(MINUTE);
    let successor = Held { hash: rotate.to, ..held };
    let write = |to| ChangeSet {
        set: vec![set(A, to)],
        touch: Some(HOUR),
        retire_previous: Some(MINUTE),
        ..successor.change()
    };
    let retired = subject.apply(held.id, &write("2")).await;
    assert_eq!(retired.previous.and_then(|previous| previous.until), Some(subject.now + MINUTE));
    assert_eq!(retired.idle_deadline, subject.now + HOUR - MINUTE, "less than a tenth is not worth a write");
    subject.pass(6 * MINUTE);
    assert_eq!(subject.apply(held.id, &write("3")).await.idle_deadline, subject.now + HOUR);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("3"));
}

/// A renewal disturbs nobody: the epoch stays, and the secret before it opens the session until the new one was presented
/// and the grace is over.
pub(super) async fn a_renewed_secret_opens_until_its_successor_came_and_the_grace_is_over(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let rotate = renew(held.hash);
    let meta = subject.apply(held.id, &ChangeSet { rotate: Some(rotate.clone()), ..held.change() }).await;
    assert_eq!((meta.epoch, meta.secret_hash, meta.secret_since), (held.epoch, rotate.to, subject.now));
    subject.pass(30 * MINUTE);
    subject.put(held, set(A, "by the one before")).await;
    let successor = Held { hash: rotate.to, ..held };
    subject.apply(held.id, &ChangeSet { retire_previous: Some(MINUTE), ..successor.change() }).await;
    subject.pass(MINUTE - SECOND);
    subject.put(held, set(A, "within the grace")).await;
    subject.pass(SECOND);
    let late = ChangeSet { set: vec![set(A, "after it")], ..held.change() };
    assert_eq!(subject.commit(held.id, &late).await, Outcome::Reused);
    assert_eq!(subject.destroy(held).await, Ending::Reused);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("within the grace"));
}

/// A renewed secret does not end itself by being used, and its end does not move once it is set.
pub(super) async fn only_the_present_secret_retires_the_one_before(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let rotate = renew(held.hash);
    let retire = |held: Held| ChangeSet { retire_previous: Some(MINUTE), ..held.change() };
    subject.apply(held.id, &ChangeSet { rotate: Some(rotate.clone()), ..held.change() }).await;
    let meta = subject.apply(held.id, &retire(held)).await;
    assert_eq!(meta.previous.and_then(|previous| previous.until), None);
    let successor = Held { hash: rotate.to, ..held };
    let first = subject.apply(held.id, &retire(successor)).await.previous.and_then(|previous| previous.until);
    assert_eq!(first, Some(subject.now + MINUTE));
    subject.pass(SECOND);
    let second = subject.apply(held.id, &retire(successor)).await.previous.and_then(|previous| previous.until);
    assert_eq!(second, first);
}

/// Many rotations by the same secret at once: one is applied.
pub(super) async fn of_racing_rotations_one_is_applied(subject: Subject) {
    let held = subject.session([]).await;
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let subject = subject.clone();
            let changes = ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() };
            tokio::spawn(async move { subject.commit(held.id, &changes).await })
        })
        .collect();
    let mut applied = 0;
    for racer in racers {
        match racer.await.expect("the racer works") {
            Outcome::Applied { .. } => applied += 1,
            other => assert_superseded(&other),
        }
    }
    assert_eq!(applied, 1);
}

/// Two requests that saw the same secret both renew it: the second keeps what the first did, and its other changes count.
pub(super) async fn of_two_renewals_the_second_is_none(subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let by_epoch = || ChangeSet::new(Basis::Guard(Guard::Epoch(held.epoch)));
    let (first, second) = (renew(held.hash), renew(held.hash));
    subject.apply(held.id, &ChangeSet { rotate: Some(first.clone()), ..by_epoch() }).await;
    let changes = ChangeSet { rotate: Some(second), set: vec![set(A, "2")], ..by_epoch() };
    let meta = subject.apply(held.id, &changes).await;
    assert_eq!(meta.secret_hash, first.to);
    assert_eq!(meta.previous.map(|previous| previous.hash), Some(held.hash));
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("2"));
}

/// A secret, an epoch and an administrator may each end a session; nobody else may.
pub(super) async fn destroying_needs_the_guard(subject: Subject) {
    for by_whom in [None, Some(true), Some(false)] {
        let held = subject.session([set(A, "1")]).await;
        assert_eq!(subject.destroy_by(held.id, Guard::Secret(hash())).await, Ending::Gone);
        assert_eq!(subject.destroy_by(held.id, Guard::Epoch(create().epoch)).await, Ending::Superseded);
        assert!(subject.load(held.id, &[]).await.is_some());
        let guard = match by_whom {
            None => Guard::Any,
            Some(true) => held.guard(),
            Some(false) => Guard::Epoch(held.epoch),
        };
        assert_eq!(subject.destroy_by(held.id, guard).await, Ending::Destroyed);
        assert!(subject.load(held.id, &[]).await.is_none());
        assert_eq!(subject.destroy_by(held.id, guard).await, Ending::Gone);
    }
}

/// After its destruction a session is absent, whatever is still committed to it.
pub(super) async fn a_destroyed_session_never_comes_back(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2")]).await;
    let seen = subject.entry(held.id, A).await;
    assert_eq!(subject.destroy(held).await, Ending::Destroyed);
    for basis in [held.guard(), Guard::Epoch(held.epoch), Guard::Any] {
        let change = || ChangeSet::new(Basis::Guard(basis));
        let late = [
            ChangeSet { set: vec![set(A, "late"), set(C, "new")], ..change() },
            ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![set(A, "late")], ..change() },
            ChangeSet { expect: vec![expect(C, None)], set: vec![set(C, "late")], ..change() },
            ChangeSet { remove: vec![A], ..change() },
            ChangeSet { rotate: Some(supersede(held.hash)), ..change() },
            ChangeSet { touch: Some(10 * HOUR), remember: Some(HOUR), ..change() },
        ];
        for changes in late {
            assert_gone(&subject.commit(held.id, &changes).await);
        }
    }
    assert!(subject.load(held.id, &[A, B, C]).await.is_none());
}
