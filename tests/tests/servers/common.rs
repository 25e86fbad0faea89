//! What the tests of stores share.

use std::error::Error as _;
use std::time::{Duration, Instant};

use session_runtime::record::{Basis, ChangeSet, Create, Epoch, Expiry, Guard, Outcome, Revision, SetField};
use session_runtime::{SecretHash, SessionError, SessionId, SessionManager, Store, StoreError, Token};
use session_tests::Shop;
use tokio::sync::watch;

pub(super) async fn begun(sessions: &SessionManager<Shop>) -> Token {
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    session.token().unwrap()
}

/// The session's count. The first operations after a death may find their connections broken; asking again is up to whoever
/// asks.
pub(super) async fn count(sessions: &SessionManager<Shop>, token: &Token) -> u64 {
    let started = Instant::now();
    loop {
        match sessions.open(token).await {
            Ok(found) => return found.expect("the session survives").count().await.unwrap(),
            Err(error) => assert!(started.elapsed() < Duration::from_secs(20), "{error:?}"),
        }
    }
}

pub(super) fn create() -> Create {
    let [idle, absolute] = [Duration::from_secs(60); 2];
    Create { secret_hash: SecretHash::from_bytes([7; 32]), epoch: Epoch::random(), idle, absolute }
}

/// A session of which only the store knows.
pub(super) async fn created(store: &impl Store) -> (SessionId, Guard) {
    let (id, create) = (SessionId::from_bytes([1; 16]), create());
    let guard = Guard::Secret(create.secret_hash);
    let outcome = store.commit(id, &ChangeSet::new(Basis::Create(create)), None).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    (id, guard)
}

pub(super) fn change(guard: Guard) -> ChangeSet {
    let field =
        SetField { key: "a", value: Some(b"1"[..].into()), revision: Revision::random(), expiry: Expiry::Never };
    ChangeSet { set: vec![field], ..ChangeSet::new(Basis::Guard(guard)) }
}

/// All that the error tells, and what is behind it.
pub(super) fn told(error: &StoreError) -> String {
    let mut told = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        told += &format!(": {error}");
        source = error.source();
    }
    told
}

pub(super) fn store_error(error: SessionError) -> StoreError {
    match error {
        SessionError::Store(error) => error,
        other => panic!("expected an error of the store, got {other:?}"),
    }
}

/// How often the server dies: 30 times unless `SESSION_TESTS_DEATHS` says another number.
pub(super) fn deaths() -> u32 {
    std::env::var("SESSION_TESTS_DEATHS").map_or(30, |deaths| deaths.parse().unwrap())
}

/// Four writers count up, each in a session of its own, while the server dies, again and again. What was acknowledged is there,
/// and at most one more. `die` ends the server and starts it again.
pub(super) async fn survives_deaths(sessions: SessionManager<Shop>, mut die: impl AsyncFnMut()) {
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push((begun(&sessions).await, 1));
    }
    let mut acknowledged = 0;
    for death in 0..deaths() {
        let (stop, stopped) = watch::channel(());
        let count_up = |(token, from): &(Token, u64)| count_up(sessions.clone(), *token, *from, stopped.clone());
        let writers: Vec<_> = held.iter().map(|held| tokio::spawn(count_up(held))).collect();
        // Not at the same step of a commit each time.
        tokio::time::sleep(Duration::from_millis(30 + u64::from(death * 7 % 20))).await;
        die().await;
        drop(stop);
        for (writer, (token, before)) in writers.into_iter().zip(&mut held) {
            let last = writer.await.unwrap();
            let found = count(&sessions, token).await;
            assert!(found == last || found == last + 1, "{last} was acknowledged, {found} is there");
            acknowledged += last - *before;
            *before = found;
        }
    }
    println!("{} deaths, {acknowledged} commits acknowledged", deaths());
    assert!(acknowledged > u64::from(deaths()) * 4, "the server died in the middle of commits");
}

/// Counts up until it is stopped, or can't, and says how far it came. That the server dies in between may go unnoticed.
async fn count_up(sessions: SessionManager<Shop>, token: Token, from: u64, stopped: watch::Receiver<()>) -> u64 {
    let Ok(found) = sessions.open(&token).await else { return from };
    let (session, mut last) = (found.expect("the session survives"), from);
    while stopped.has_changed().is_ok() && session.set_count(last + 1).await.is_ok() {
        last += 1;
    }
    last
}
