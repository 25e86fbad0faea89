//! Many tasks at once.

use super::subject::*;
use crate::record::{ChangeSet, Ending, Outcome};

const TASKS: usize = 8;
const ROUNDS: usize = 25;

/// Keys of eight writers.
const KEYS: [&str; TASKS] = ["k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7"];

/// Eight tasks that each write a field of their own, all the time: every field ends as its writer left it.
pub(super) async fn no_write_to_a_field_of_its_own_is_lost(subject: Subject) {
    let held = subject.session([]).await;
    let writers = KEYS.map(|key| {
        let subject = subject.clone();
        tokio::spawn(async move {
            for round in 0..ROUNDS {
                subject.put(held, set(key, &round.to_string())).await;
                assert_eq!(subject.value(held.id, key).await, Some(round.to_string()), "a write was lost");
            }
        })
    });
    for writer in writers {
        writer.await.expect("no write was lost");
    }
    for key in KEYS {
        assert_eq!(subject.value(held.id, key).await, Some((ROUNDS - 1).to_string()), "a write was lost");
    }
}

/// Eight tasks that count in one field by compare-and-swap: the sum is exact.
pub(super) async fn no_swap_is_lost(subject: Subject) {
    let held = subject.session([set(A, "0")]).await;
    let writers = [(); TASKS].map(|()| {
        let subject = subject.clone();
        tokio::spawn(async move {
            for _ in 0..ROUNDS {
                count(&subject, held).await;
            }
        })
    });
    for writer in writers {
        writer.await.expect("the writer works");
    }
    assert_eq!(subject.value(held.id, A).await, Some((TASKS * ROUNDS).to_string()));
}

async fn count(subject: &Subject, held: Held) {
    let mut seen = subject.entry(held.id, A).await;
    loop {
        let next = seen.as_ref().map_or(0, |entry| text(entry).parse().expect("a number")) + 1_usize;
        let changes =
            ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![set(A, &next.to_string())], ..held.change() };
        match subject.commit(held.id, &changes).await {
            Outcome::Applied { .. } => return,
            outcome => seen = assert_conflict(outcome).remove(0),
        }
    }
}

/// Sixty-four tasks take one value: one gets it.
pub(super) async fn of_racing_takers_one_wins(subject: Subject) {
    let held = subject.session([set(A, "the only one")]).await;
    let seen = subject.entry(held.id, A).await;
    let takers: Vec<_> = (0..64)
        .map(|_| {
            let subject = subject.clone();
            let changes =
                ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![tombstone(A)], ..held.change() };
            tokio::spawn(async move { matches!(subject.commit(held.id, &changes).await, Outcome::Applied { .. }) })
        })
        .collect();
    let mut winners = 0;
    for taker in takers {
        winners += usize::from(taker.await.expect("the taker works"));
    }
    assert_eq!(winners, 1);
}

/// A destruction races commits of every kind: whatever the order, the session is gone in the end.
pub(super) async fn no_commit_outlives_a_destruction(subject: Subject) {
    for _ in 0..50 {
        let held = subject.session([set(A, "1")]).await;
        let seen = subject.entry(held.id, A).await;
        let late = [
            ChangeSet { set: vec![set(A, "2"), set(B, "new")], ..held.change() },
            ChangeSet { expect: vec![expect(A, seen.as_ref())], set: vec![set(A, "3")], ..held.change() },
            ChangeSet { touch: Some(2 * HOUR), remember: Some(HOUR), ..held.change() },
        ];
        let commits = late.map(|changes| {
            let subject = subject.clone();
            tokio::spawn(async move { subject.commit(held.id, &changes).await })
        });
        let ending = {
            let subject = subject.clone();
            tokio::spawn(async move { subject.destroy(held).await })
        };
        for commit in commits {
            let outcome = commit.await.expect("the commit works");
            assert!(!matches!(outcome, Outcome::Superseded), "{outcome:?}");
        }
        assert_eq!(ending.await.expect("the destruction works"), Ending::Destroyed);
        assert!(subject.load(held.id, &[A, B]).await.is_none());
    }
}
