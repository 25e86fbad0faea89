//! Sessions found by an index.

use super::subject::*;
use crate::record::{ChangeSet, IndexChange};

fn entry(index: &'static str, value: Option<&str>) -> IndexChange {
    IndexChange { index, value: value.map(Into::into) }
}

async fn find(subject: &Subject, index: &str, value: &str) -> Vec<crate::SessionId> {
    let mut found = subject.store.find(index, value, Some(subject.now)).await.expect("the store works");
    found.sort();
    found
}

/// A session is found by the value it is entered under, by no other value and in no other index, until the entry changes.
pub(super) async fn sessions_are_found_by_their_index_entries(subject: Subject) {
    let (one, two) = (subject.session([]).await, subject.session([]).await);
    let enter = |held: Held, changes| ChangeSet { index: changes, ..held.change() };
    for held in [one, two] {
        subject.apply(held.id, &enter(held, vec![entry("user", Some("ada")), entry("team", Some("red"))])).await;
    }
    let mut both = vec![one.id, two.id];
    both.sort();
    assert_eq!(find(&subject, "user", "ada").await, both);
    assert_eq!(find(&subject, "user", "red").await, []);
    subject.apply(one.id, &enter(one, vec![entry("user", Some("bob"))])).await;
    assert_eq!(find(&subject, "user", "ada").await, [two.id]);
    assert_eq!(find(&subject, "user", "bob").await, [one.id]);
    subject.apply(two.id, &enter(two, vec![entry("user", None)])).await;
    assert_eq!(find(&subject, "user", "ada").await, []);
    assert_eq!(find(&subject, "team", "red").await, both);
}

/// While one of a user's sessions ends and another begins, those that live are found.
pub(super) async fn an_ended_session_is_not_missed_by_the_index(subject: Subject) {
    let entered = |held: Held| ChangeSet { index: vec![entry("user", Some("ada"))], ..held.change() };
    let stays = subject.session([]).await;
    subject.apply(stays.id, &entered(stays)).await;
    let ends = subject.session([]).await;
    subject.apply(ends.id, &entered(ends)).await;
    subject.destroy(ends).await;
    assert!(find(&subject, "user", "ada").await.contains(&stays.id));
    assert!(subject.load(ends.id, &[]).await.is_none());
}

/// A change that is refused enters its session nowhere: not one that is there under a value that it does not have, nor one that
/// is not. An ID is public, and whoever names it in a token of their own must not have the session listed as theirs.
pub(super) async fn a_refused_change_enters_nothing_into_an_index(subject: Subject) {
    let there = subject.session([set(A, "1")]).await;
    let changes =
        |held: Held| ChangeSet { set: vec![set(A, "2")], index: vec![entry(A, Some("eve"))], ..held.change() };
    assert_gone(&subject.commit(there.id, &changes(Held { hash: hash(), ..there })).await);
    assert_gone(&subject.commit(new_id(), &changes(there)).await);
    let seen = ChangeSet { expect: vec![expect(B, subject.entry(there.id, A).await.as_ref())], ..changes(there) };
    assert_conflict(subject.commit(there.id, &seen).await);
    subject.apply(there.id, &ChangeSet { rotate: Some(supersede(there.hash)), ..there.change() }).await;
    assert_superseded(&subject.commit(there.id, &changes(there)).await);
    assert_eq!(find(&subject, A, "eve").await, []);
}
