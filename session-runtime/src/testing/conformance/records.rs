//! Sessions as a whole: made, loaded, kept apart.

use std::sync::Arc;
use std::time::SystemTime;

use super::subject::*;
use crate::record::{Basis, ChangeSet, Select, SetField};

/// A session that was never created is absent to every call.
pub(super) async fn an_unknown_session_is_absent(subject: Subject) {
    let unknown = Held { id: new_id(), hash: hash(), epoch: create().epoch };
    assert!(subject.load(unknown.id, &[A]).await.is_none());
    assert_gone(&subject.commit(unknown.id, &ChangeSet { set: vec![set(A, "1")], ..unknown.change() }).await);
    assert_eq!(subject.destroy(unknown).await, crate::record::Ending::Gone);
    assert!(subject.load(unknown.id, &[A]).await.is_none());
}

/// What a session was created with is what is loaded.
pub(super) async fn a_created_session_is_there_with_its_fields(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2")]).await;
    let record = subject.load(held.id, &[A, B, C]).await.expect("the session is there");
    let values: Vec<_> = record.fields.iter().map(|entry| entry.as_ref().map(text)).collect();
    assert_eq!(values, [Some("1".into()), Some("2".into()), None]);
    let meta = record.meta;
    assert_eq!((meta.secret_hash, meta.epoch, meta.previous), (held.hash, held.epoch, None));
    assert_eq!((meta.created, meta.secret_since), (subject.now, subject.now));
    assert_eq!((meta.idle_deadline, meta.absolute_deadline), (subject.now + HOUR, subject.now + 24 * HOUR));
    assert_eq!((meta.authenticated, meta.persistent), (None, false));
    assert_eq!(record.now, subject.now);
}

/// A load answers in the order of the question; where only presence was asked for, there is no value.
pub(super) async fn a_load_gives_what_was_selected(subject: Subject) {
    let held = subject.session([set(A, "1"), set(B, "2"), set(C, "3")]).await;
    let select = [Select { key: C, value: true }, Select { key: "none", value: true }, Select { key: A, value: false }];
    let record = subject.store.load(held.id, &select, Some(subject.now)).await.expect("the store works");
    let fields = record.expect("the session is there").fields;
    assert_eq!(fields.len(), 3);
    assert_eq!(fields[0].as_ref().map(text).as_deref(), Some("3"));
    assert_eq!(fields[1], None);
    assert_eq!(fields[2].as_ref().map(|entry| entry.value.clone()), Some(None), "present, without its value");
}

/// An ID that is taken is not taken over.
pub(super) async fn a_new_session_never_takes_the_place_of_another(subject: Subject) {
    let held = subject.session([set(A, "first")]).await;
    let mut second = ChangeSet::new(Basis::Create(create()));
    second.set = vec![set(A, "second")];
    assert_gone(&subject.commit(held.id, &second).await);
    assert_eq!(subject.value(held.id, A).await.as_deref(), Some("first"));
    assert_eq!(subject.meta(held.id).await.secret_hash, held.hash);
}

/// A megabyte, no byte at all, every byte there is, and two hundred fields.
pub(super) async fn large_and_many_fields_come_back_as_they_were(subject: Subject) {
    const KEYS: [&str; 4] = ["large", "empty", "bytes", "ключ \"'\\"];
    let values = [vec![7; 1 << 20], Vec::new(), (0..=255).collect(), b"unusual key".to_vec()];
    let fields =
        KEYS.iter().zip(&values).map(|(key, value)| SetField { value: Some(Arc::from(value.clone())), ..set(key, "") });
    let held = subject.session(fields).await;
    let record = subject.load(held.id, &KEYS).await.expect("the session is there");
    for (entry, value) in record.fields.iter().zip(&values) {
        assert!(entry.as_ref().and_then(|entry| entry.value.as_ref()).is_some_and(|stored| **stored == **value));
    }
    subject.put(held, set("empty", "")).await;
    assert_eq!(subject.value(held.id, "empty").await.as_deref(), Some(""), "in a change set of its own too");
    let many: Vec<&'static str> = (0..200).map(|n| &*Box::leak(format!("field{n}").into_boxed_str())).collect();
    subject.apply(held.id, &ChangeSet { set: many.iter().map(|key| set(key, key)).collect(), ..held.change() }).await;
    let record = subject.load(held.id, &many).await.expect("the session is there");
    assert!(record.fields.iter().zip(&many).all(|(entry, key)| entry.as_ref().map(text).as_deref() == Some(*key)));
}

/// Without a time from the caller, the store goes by its own clock.
pub(super) async fn without_a_time_the_stores_own_clock_decides(subject: Subject) {
    let id = new_id();
    let mut changes = ChangeSet::new(Basis::Create(create()));
    changes.set = vec![set(A, "1")];
    subject.store.commit(id, &changes, None).await.expect("the store works");
    let record = subject.store.load(id, &[Select { key: A, value: true }], None).await.expect("the store works");
    let record = record.expect("the session is there");
    assert!(record.fields[0].is_some());
    // A server's clock may differ a little.
    let now = SystemTime::now();
    assert!(now - 5 * MINUTE < record.now && record.now < now + 5 * MINUTE, "{:?}", record.now);
    assert!(record.meta.created <= record.now && record.now < record.meta.created + MINUTE);
}
