//! Redis with replicas, and Redis Sentinel.

use std::error::Error as _;
use std::time::{Duration, Instant};

use redis::sentinel::{SentinelClient, SentinelServerType};
use session_runtime::record::{Ending, Guard};
use session_runtime::store::SentinelConnection;
use session_runtime::{RedisStore, SessionError, SessionId, SessionManager, Store as _, Token};
use session_tests::{RedisServer, Shop, Wire};
use tokio::sync::watch;

/// A master with a replica, and three sentinels who know all of it.
async fn watched() -> (RedisServer, RedisServer, [RedisServer; 3]) {
    let master = RedisServer::start().await;
    let replica = master.replica().await;
    let sentinels = [master.sentinel().await, master.sentinel().await, master.sentinel().await];
    for sentinel in &sentinels {
        sentinel.settles(&["sentinel", "master", "main"], "num-other-sentinels\n2").await;
        sentinel.settles(&["sentinel", "master", "main"], "num-slaves\n1").await;
    }
    (master, replica, sentinels)
}

fn store(sentinels: &[RedisServer]) -> RedisStore<SentinelConnection> {
    let urls: Vec<_> = sentinels.iter().map(RedisServer::url).collect();
    let client = SentinelClient::build(urls, "main".into(), None, SentinelServerType::Master).unwrap();
    RedisStore::from_sentinel(client)
}

/// Counts to 2 in the session of the token, as soon as a master is there that lets it.
async fn count_to_two(sessions: &SessionManager<Shop>, token: &Token) {
    let started = Instant::now();
    let waits = async |error: SessionError| {
        assert!(started.elapsed() < Duration::from_secs(60), "{error:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let found = loop {
        match sessions.open(token).await {
            Ok(found) => break found.expect("the session has survived"),
            Err(error) => waits(error).await,
        }
    };
    // A replica can be read from before it is the master.
    while let Err(error) = found.update_count(|count| *count += 1).await {
        waits(error).await;
    }
    assert_eq!(sessions.open(token).await.unwrap().unwrap().count().await.unwrap(), 2);
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn sessions_go_on_with_the_new_master_after_a_failover() {
    let (mut master, replica, sentinels) = watched().await;
    let sessions = SessionManager::<Shop>::new(store(&sentinels));
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    master.tells(&["wait", "1", "5000"]);
    master.kill();
    count_to_two(&sessions, &session.token().unwrap()).await;
    assert!(replica.tells(&["role"]).starts_with("master"));
}

/// Its connections stay open: nothing but the wait tells that it is the master no longer.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_master_that_hangs_is_left_for_its_successor() {
    let (master, replica, sentinels) = watched().await;
    let sessions = SessionManager::<Shop>::new(store(&sentinels).with_timeout(Duration::from_millis(300)));
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    master.tells(&["wait", "1", "5000"]);
    master.freeze();
    count_to_two(&sessions, &session.token().unwrap()).await;
    assert!(replica.tells(&["role"]).starts_with("master"));
}

/// The connection's own settings do not cut an operation short that may take longer.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn an_operation_may_take_as_long_as_is_set() {
    let (master, _replica, sentinels) = watched().await;
    let long = Duration::from_secs(20);
    let plain = SessionManager::<Shop>::new(master.store().await.with_timeout(long)).start();
    let watched = SessionManager::<Shop>::new(store(&sentinels).with_timeout(long)).start();
    plain.set_count(1).await.unwrap();
    watched.set_count(1).await.unwrap();
    // Longer than is waited unless it is set.
    master.tells(&["client", "pause", "6000", "write"]);
    let (plain, watched) = tokio::join!(plain.set_count(2), watched.set_count(2));
    plain.unwrap();
    watched.unwrap();
}

/// The script has run, whatever is wrong with the `WAIT` after it.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn where_replicas_can_not_be_waited_for_the_outcome_is_unknown() {
    let server = RedisServer::start().await;
    server.tells(&["acl", "setuser", "app", "on", ">password", "~*", "+@all", "-wait"]);
    let url = server.url().replace("redis://", "redis://app:password@");
    let store = RedisStore::open(&url).await.unwrap().with_replicas(1);
    let session = SessionManager::<Shop>::new(server.store().await).start();
    session.set_count(1).await.unwrap();
    let sessions = SessionManager::<Shop>::new(store);
    let session = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
    let failed = session.update_count(|count| *count += 1).await.expect_err("no replica, and no way to ask for one");
    assert!(matches!(&failed, SessionError::Store(error) if error.is_outcome_unknown()), "{failed:?}");
}

/// A failover by hand: the replica is cut off, the master takes writes still, dies, and the replica takes its place. How much is
/// lost of what was acknowledged.
async fn lost_in_a_failover(replicas: u32) -> u64 {
    let mut master = RedisServer::with(&["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"]).await;
    let wire = Wire::to(&master.url()).await;
    let replica = RedisServer::replica_of(wire.url()).await;
    let store = master.store().await.with_replicas(replicas).with_timeout(Duration::from_secs(2));
    let (count, counted) = watch::channel(());
    let writers: Vec<_> = (0..8).map(|_| tokio::spawn(write_until_it_dies(store.clone(), count.clone()))).collect();
    let counts = async |most: usize| {
        let mut counted = counted.clone();
        for _ in 0..most {
            if tokio::time::timeout(Duration::from_millis(500), counted.changed()).await.is_err() {
                return;
            }
        }
    };
    counts(200).await;
    drop(wire);
    counts(200).await;
    master.kill();
    replica.tells(&["replicaof", "no", "one"]);
    let survivors = SessionManager::<Shop>::new(replica.store().await);
    let mut lost = 0;
    for writer in writers {
        let (token, acknowledged) = writer.await.unwrap();
        let found = match survivors.open(&token).await.unwrap() {
            Some(session) => session.count().await.unwrap(),
            None => 0,
        };
        lost += acknowledged.saturating_sub(found);
    }
    lost
}

/// Counts up in a session of its own, and says how far it came.
async fn write_until_it_dies(store: RedisStore, count: watch::Sender<()>) -> (Token, u64) {
    let session = SessionManager::<Shop>::new(store).start();
    let mut acknowledged = 0;
    while session.set_count(acknowledged + 1).await.is_ok() {
        acknowledged += 1;
        count.send_replace(());
    }
    (session.token().unwrap(), acknowledged)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn what_replicas_had_to_have_survives_a_failover() {
    let (without, with) = (lost_in_a_failover(0).await, lost_in_a_failover(1).await);
    println!("acknowledged and lost, with the replica cut off: {without} without WAIT, {with} with it");
    assert!(without > 0, "there was nothing to be lost");
    assert_eq!(with, 0);
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_change_that_too_few_replicas_have_is_of_unknown_outcome() {
    let server = RedisServer::start().await;
    let store = server.store().await.with_replicas(1).with_timeout(Duration::from_secs(1));
    let sessions = SessionManager::<Shop>::new(store.clone());
    let session = sessions.start();
    let SessionError::Store(error) = session.set_count(1).await.unwrap_err() else { panic!("another error") };
    assert!(error.is_outcome_unknown());
    assert_eq!(error.source().unwrap().to_string(), "0 of 1 replicas have it in time");
    // What is refused changes nothing that they could lack. (The first time the script must be sent, which takes too long here.)
    let _ = store.destroy(SessionId::from_bytes([1; 16]), Guard::Any, None).await;
    assert_eq!(store.destroy(SessionId::from_bytes([1; 16]), Guard::Any, None).await.unwrap(), Ending::Gone);
    // It is the replica that is missing: once it is there, the same change is acknowledged.
    let _replica = server.replica().await;
    server.tells(&["script", "flush"]);
    session.set_count(2).await.unwrap();
    assert_eq!(sessions.open(&session.token().unwrap()).await.unwrap().unwrap().count().await.unwrap(), 2);
}
