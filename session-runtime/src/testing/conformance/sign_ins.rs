//! What a sign-in is made of, in one change set: another secret, fields, times, and entries in indexes. A store may have a shorter
//! way for it.

use super::subject::*;
use crate::record::{Basis, ChangeSet, Expiry, Guard, IndexChange, PreviousKind, SetField};
use crate::token::SessionId;

/// A session whose beginning is a sign-in has what a sign-in writes, remembered or not.
pub(super) async fn a_session_may_begin_with_a_sign_in(subject: Subject) {
    for (remember, idle, absolute) in [(None, HOUR, 5 * HOUR), (Some(1000 * HOUR), 1000 * HOUR, 1000 * HOUR)] {
        let id = new_id();
        let changes = ChangeSet { remember, ..sign_in(ChangeSet::new(Basis::Create(create()))) };
        let meta = subject.apply(id, &changes).await;
        assert_eq!(meta.authenticated, Some(subject.now));
        assert_eq!((meta.idle_deadline, meta.absolute_deadline), (subject.now + idle, subject.now + absolute));
        assert_eq!(meta.persistent, remember.is_some());
        assert_eq!(subject.meta(id).await, meta);
    }
    let id = new_id();
    let entered = ChangeSet { index: user("new"), ..sign_in(ChangeSet::new(Basis::Create(create()))) };
    assert_eq!(subject.apply(id, &entered).await.authenticated, Some(subject.now));
    assert_eq!(subject.find("new").await, [id]);
}

/// All of a sign-in is applied, and what it says nothing of stays as it was.
pub(super) async fn a_sign_in_is_one_change(mut subject: Subject) {
    let held = subject.session([set(A, "1"), SetField { expiry: Expiry::After(30 * MINUTE), ..set(B, "2") }]).await;
    let idle_deadline = subject.meta(held.id).await.idle_deadline;
    subject.pass(MINUTE);
    let rotate = supersede(held.hash);
    let fields = vec![
        SetField { expiry: Expiry::After(MINUTE), ..set(A, "ends") },
        set(B, "stays"),
        SetField { expiry: Expiry::At(subject.now + HOUR), ..set(C, "is new") },
    ];
    let changes = ChangeSet { rotate: Some(rotate.clone()), set: fields, ..sign_in(held.change()) };
    let meta = subject.apply(held.id, &ChangeSet { index: user("first"), ..changes }).await;
    assert_eq!((meta.secret_hash, meta.secret_since), (rotate.to, subject.now));
    assert_eq!((meta.authenticated, meta.persistent), (Some(subject.now), false));
    assert_eq!((meta.idle_deadline, meta.absolute_deadline), (idle_deadline, subject.now + 5 * HOUR));
    let record = subject.load(held.id, &[A, B, C]).await.expect("the session is there");
    assert_eq!(*record.meta, meta);
    let found = record.fields.iter().flatten().map(|entry| (text(entry), entry.expires)).collect::<Vec<_>>();
    let (minute, hour) = (subject.now + MINUTE, subject.now + HOUR);
    assert_eq!(found, [("ends".into(), Some(minute)), ("stays".into(), None), ("is new".into(), Some(hour))]);
    assert_eq!(subject.find("first").await, [held.id]);
}

/// One sign-in after another: each takes the place of the one before, and a new secret alone signs nobody out.
pub(super) async fn sign_ins_follow_each_other(mut subject: Subject) {
    let first_write = set(A, "1");
    let held = subject.session([first_write.clone()]).await;
    let first = supersede(held.hash);
    let signed_in = ChangeSet { rotate: Some(first.clone()), index: user("first"), ..sign_in(held.change()) };
    subject.apply(held.id, &signed_in).await;

    subject.pass(MINUTE);
    let second = supersede(first.to);
    let held = Held { hash: first.to, ..held };
    let remembered = ChangeSet { remember: Some(100 * HOUR), index: user("second"), ..sign_in(held.change()) };
    let meta = subject.apply(held.id, &ChangeSet { rotate: Some(second.clone()), ..remembered }).await;
    let previous = meta.previous.clone().map(|previous| (previous.hash, previous.kind, previous.until));
    assert_eq!(previous, Some((first.to, PreviousKind::Superseded, Some(subject.now + MINUTE))));
    let until = subject.now + 100 * HOUR;
    assert_eq!((meta.idle_deadline, meta.absolute_deadline, meta.persistent), (until, until, true));
    assert_eq!((subject.find("first").await, subject.find("second").await), (vec![], vec![held.id]));

    let again = ChangeSet { set: vec![first_write], ..ChangeSet::new(Basis::Guard(Guard::Epoch(meta.epoch))) };
    assert_eq!(subject.apply(held.id, &again).await, meta, "a write that was overwritten is recognised");
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("signed in"));

    subject.pass(MINUTE);
    let third = supersede(second.to);
    let held = Held { hash: second.to, ..held };
    let only_rotated = subject.apply(held.id, &ChangeSet { rotate: Some(third), ..held.change() }).await;
    assert_eq!(only_rotated.secret_since, subject.now);
    assert_eq!((only_rotated.authenticated, only_rotated.persistent), (meta.authenticated, true));
    assert_eq!((only_rotated.idle_deadline, only_rotated.absolute_deadline), (until, until));
}

/// A sign-in needs what any other commit does.
pub(super) async fn a_sign_in_needs_its_guard_and_a_live_session(mut subject: Subject) {
    let held = subject.session([set(A, "1")]).await;
    let rotated = subject.apply(held.id, &ChangeSet { rotate: Some(supersede(held.hash)), ..held.change() }).await;
    let by = |guard| ChangeSet {
        rotate: Some(supersede(rotated.secret_hash)),
        ..sign_in(ChangeSet::new(Basis::Guard(guard)))
    };
    assert_gone(&subject.commit(held.id, &by(Guard::Secret(hash()))).await);
    for old in [Guard::Secret(held.hash), Guard::Epoch(held.epoch)] {
        assert_superseded(&subject.commit(held.id, &by(old)).await);
    }
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("1"));
    assert_eq!(subject.meta(held.id).await, rotated);
    subject.pass(HOUR);
    for present in [Guard::Secret(rotated.secret_hash), Guard::Epoch(rotated.epoch)] {
        assert_gone(&subject.commit(held.id, &by(present)).await);
    }
}

/// A sign-in takes along a touch that is due, and one that is not moves nothing.
pub(super) async fn a_sign_in_touches_the_session_where_that_is_due(mut subject: Subject) {
    let mut held = subject.session([set(A, "1")]).await;
    let mut idle_deadline = subject.now + HOUR;
    for (passed, is_due) in [(5 * MINUTE, false), (5 * MINUTE, true)] {
        subject.pass(passed);
        let rotate = supersede(held.hash);
        let changes = ChangeSet { touch: Some(HOUR), rotate: Some(rotate.clone()), ..sign_in(held.change()) };
        let meta = subject.apply(held.id, &changes).await;
        idle_deadline = if is_due { subject.now + HOUR } else { idle_deadline };
        assert_eq!((meta.idle_deadline, meta.secret_hash), (idle_deadline, rotate.to));
        held = Held { hash: rotate.to, ..held };
    }
}

/// Adds what a sign-in writes, but for the secret.
fn sign_in(changes: ChangeSet) -> ChangeSet {
    ChangeSet { set: vec![set(A, "signed in")], authenticated: true, absolute: Some(5 * HOUR), ..changes }
}

fn user(name: &str) -> Vec<IndexChange> {
    vec![IndexChange { index: "user", value: Some(name.to_owned()) }]
}

impl Subject {
    async fn find(&self, user: &str) -> Vec<SessionId> {
        self.store.find("user", user, Some(self.now)).await.expect("the store works")
    }
}
