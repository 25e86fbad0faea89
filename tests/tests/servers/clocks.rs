//! Clocks that jump: a server's, or that of the machine of a store that has none.

use std::time::{Duration, SystemTime};

use session_runtime::record::{Basis, ChangeSet, Create, Ending, Guard, Outcome};
use session_runtime::{MemoryStore, ObjectStore, SessionData, SessionId, SessionManager, SqliteStore, Store};
use session_tests::{MariaDbServer, PostgresServer, RedisServer, ServerClock};

use crate::common::*;

const DAY: i64 = 24 * 60 * 60;

/// Begins a session that lives for a minute.
async fn begin(store: &impl Store, id: u8, now: Option<SystemTime>) -> (SessionId, Create, Outcome) {
    let (id, create) = (SessionId::from_bytes([id; 16]), create());
    let outcome = store.commit(id, &ChangeSet::new(Basis::Create(create.clone())), now).await.unwrap();
    (id, create, outcome)
}

fn is_applied(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Applied { .. })
}

/// What was destroyed stays so, and what lives goes on. `at` puts the clock so many seconds after the right time, and gives the
/// time to tell the store, if it is to be told.
async fn jumps_back(store: &impl Store, at: &impl Fn(i64) -> Option<SystemTime>) {
    let (lives, create, _) = begin(store, 1, at(0)).await;
    let guard = Guard::Secret(create.secret_hash);
    let (ended, ..) = begin(store, 2, at(0)).await;
    assert_eq!(store.destroy(ended, Guard::Any, at(0)).await.unwrap(), Ending::Destroyed);
    for seconds in [-DAY, -1, 0] {
        let now = at(seconds);
        assert_eq!(store.load(ended, &[], now).await.unwrap(), None);
        assert_eq!(store.commit(ended, &change(Guard::Any), now).await.unwrap(), Outcome::Gone);
        assert!(store.load(lives, &[], now).await.unwrap().is_some());
        let outcome = store.commit(lives, &change(guard), now).await.unwrap();
        assert!(is_applied(&outcome), "{outcome:?}");
    }
}

/// What lived has ended, and does not return when it was deleted.
async fn jumps_forth_and_back(store: &impl Store, at: &impl Fn(i64) -> Option<SystemTime>) {
    let (lived, create, _) = begin(store, 3, at(0)).await;
    let guard = Guard::Secret(create.secret_hash);
    let now = at(DAY);
    assert_eq!(store.load(lived, &[], now).await.unwrap(), None);
    assert_eq!(store.commit(lived, &change(guard), now).await.unwrap(), Outcome::Gone);
    assert!(is_applied(&begin(store, 4, now).await.2), "others can begin");
    assert!(store.sweep(10, now).await.unwrap().iter().any(|swept| swept.id == lived));
    let now = at(0);
    assert_eq!(store.load(lived, &[], now).await.unwrap(), None);
    assert_eq!(store.commit(lived, &change(guard), now).await.unwrap(), Outcome::Gone);
    assert!(is_applied(&begin(store, 5, now).await.2));
}

/// The clock of this machine, which the tests can't move: it is told.
fn told_clock() -> impl Fn(i64) -> Option<SystemTime> {
    let right = SystemTime::now();
    move |seconds| {
        let by = Duration::from_secs(seconds.unsigned_abs());
        Some(if seconds < 0 { right - by } else { right + by })
    }
}

/// A server's, which nobody tells the time.
fn moved(clock: &ServerClock) -> impl Fn(i64) -> Option<SystemTime> {
    |seconds| {
        clock.put(seconds);
        None
    }
}

async fn sessions_end_at_most<S: Store>(store: S, at: impl Fn(i64) -> Option<SystemTime>) {
    jumps_back(&store, &at).await;
    jumps_forth_and_back(&store, &at).await;
}

#[tokio::test]
async fn sessions_in_memory_end_at_most_when_the_clock_jumps() {
    sessions_end_at_most(MemoryStore::new(), told_clock()).await;
}

#[tokio::test]
async fn sessions_in_sqlite_end_at_most_when_the_clock_jumps() {
    sessions_end_at_most(SqliteStore::open(":memory:").await.unwrap(), told_clock()).await;
}

#[tokio::test]
async fn sessions_in_files_end_at_most_when_the_clock_jumps() {
    let dir = session_tests::folder();
    sessions_end_at_most(ObjectStore::open(dir.path()).await.unwrap(), told_clock()).await;
}

/// Only told another time: nothing moves the server's own clock, by which its keys end.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn sessions_in_redis_end_at_most_when_the_clock_jumps_back() {
    let server = RedisServer::start().await;
    jumps_back(&server.store().await, &told_clock()).await;
}

#[tokio::test]
#[cfg_attr(
    not(all(has_postgres, has_faketime)),
    ignore = "needs PostgreSQL and libfaketime: apt-get install postgresql faketime"
)]
async fn sessions_in_postgres_end_at_most_when_its_clock_jumps() {
    let clock = ServerClock::new();
    let server = PostgresServer::under(&clock).await;
    sessions_end_at_most(server.store().await, moved(&clock)).await;
}

#[tokio::test]
#[cfg_attr(
    not(all(has_mariadb, has_faketime)),
    ignore = "needs MariaDB and libfaketime: apt-get install mariadb-server faketime"
)]
async fn sessions_in_mariadb_end_at_most_when_its_clock_jumps() {
    let clock = ServerClock::new();
    let server = MariaDbServer::under(&clock).await;
    sessions_end_at_most(server.store("shop").await, moved(&clock)).await;
}

#[derive(SessionData)]
struct Account {
    #[session(rotate)]
    user: Option<u64>,
}

/// Times are the server's: by this machine's clock, the sign-in was a day ago.
#[tokio::test]
#[cfg_attr(
    not(all(has_postgres, has_faketime)),
    ignore = "needs PostgreSQL and libfaketime: apt-get install postgresql faketime"
)]
async fn a_sign_in_is_as_long_ago_as_the_server_s_clock_says() {
    let clock = ServerClock::new();
    let server = PostgresServer::under(&clock).await;
    let sessions = SessionManager::<Account>::new(server.store().await);
    clock.put(-DAY);
    let begun = sessions.start();
    begun.set_user(7).await.unwrap();
    let opened = sessions.open(&begun.token().unwrap()).await.unwrap().unwrap();
    for session in [begun, opened] {
        assert!(session.is_fresh(Duration::from_secs(60)).await.unwrap());
    }
}
