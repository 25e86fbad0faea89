//! Redis.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use ::redis::aio::{ConnectionLike, MultiplexedConnection};
use ::redis::{Arg, AsyncCommands as _, Cmd, Pipeline, RedisFuture, Value};
use session_runtime::record::{Basis, ChangeSet, Create, Epoch, Guard, IndexChange, Select, SetField};
use session_runtime::record::{Ending, Expiry, Outcome, Revision};
use session_runtime::{RedisStore, SecretHash, SessionError, SessionId, SessionManager, Store as _, Token};
use session_tests::{RedisServer, Shop};
use tokio::sync::watch;

async fn connect(server: &RedisServer) -> MultiplexedConnection {
    let client = ::redis::Client::open(server.url()).unwrap();
    client.get_multiplexed_async_connection().await.unwrap()
}

/// A store that does not wait long, and has its own connection.
async fn impatient(server: &RedisServer) -> RedisStore {
    server.store().await.with_timeout(Duration::from_millis(500))
}

async fn begun(sessions: &SessionManager<Shop>) -> Token {
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    session.token().unwrap()
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn what_was_acknowledged_survives_100_deaths_of_a_durable_server() {
    let mut server = RedisServer::durable().await;
    let sessions = SessionManager::<Shop>::new(server.store().await);
    let token = begun(&sessions).await;
    for count in 2..102_u64 {
        let session = sessions.open(&token).await.unwrap().unwrap();
        session.update_count(|count| *count += 1).await.unwrap();
        server.restart().await;
        // The first operation may find the old connection broken; asking again is up to whoever asks.
        let mut found = sessions.open(&token).await;
        for _ in 0..100 {
            if found.is_ok() {
                break;
            }
            found = sessions.open(&token).await;
        }
        assert_eq!(found.unwrap().expect("the session survives").count().await.unwrap(), count);
    }
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_creation_that_arrives_late_does_not_bring_back_what_was_destroyed() {
    let server = RedisServer::start().await;
    let store = server.store().await;
    let secret_hash = SecretHash::from_bytes([7; 32]);
    let [idle, absolute] = [Duration::from_secs(600); 2];
    let begins = ChangeSet::new(Basis::Create(Create { secret_hash, epoch: Epoch::random(), idle, absolute }));
    let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(secret_hash));
    let now = std::time::SystemTime::now();
    let after = |seconds| Some(now + Duration::from_secs(seconds));
    store.commit(id, &begins, after(0)).await.unwrap();
    assert_eq!(store.destroy(id, guard, after(0)).await.unwrap(), Ending::Destroyed);
    assert_eq!(store.commit(id, &begins, after(59)).await.unwrap(), Outcome::Gone);
    assert!(store.load(id, &[], after(0)).await.unwrap().is_none());
    assert_eq!(store.destroy(id, guard, after(0)).await.unwrap(), Ending::Gone);
    assert!(matches!(store.commit(id, &begins, after(60)).await.unwrap(), Outcome::Applied { .. }));
    assert_eq!(store.destroy(id, guard, after(60)).await.unwrap(), Ending::Destroyed);
    // Nothing stays behind for ever.
    let millis: i64 = connect(&server).await.pttl(format!("session:{id}")).await.unwrap();
    assert!((1..=60_000).contains(&millis), "{millis}");
}

/// What a process leaves that dies between an entry and its commit, which is refused maybe: IDs are public.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn an_entry_without_its_commit_names_nobody() {
    let server = RedisServer::start().await;
    let store = server.store().await;
    let (id, by) = ([1; 16], [2; 8]);
    let begins = ChangeSet {
        set: vec![SetField {
            key: "user",
            value: Some(b"7"[..].into()),
            revision: Revision::from_bytes(by),
            expiry: Expiry::Never,
        }],
        index: vec![IndexChange { index: "user", value: Some("ada".into()) }],
        ..ChangeSet::new(Basis::Create(Create {
            secret_hash: SecretHash::from_bytes([7; 32]),
            epoch: Epoch::random(),
            idle: Duration::from_secs(60),
            absolute: Duration::from_secs(60),
        }))
    };
    store.commit(SessionId::from_bytes(id), &begins, None).await.unwrap();
    let mut connection = connect(&server).await;
    let member = [&id[..], &by].concat();
    let second = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for value in ["ada", "eve"] {
        // As an entry is before its commit is known to be applied.
        let key = format!("session:index:4:user:{value}");
        let () = connection.zadd(key, &member, 9_000_000_000_000_000_u64 + second).await.unwrap();
    }
    assert_eq!(
        store.find("user", "ada", None).await.unwrap(),
        [SessionId::from_bytes(id)],
        "committed, as its record says"
    );
    assert_eq!(store.find("user", "eve", None).await.unwrap(), []);
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_dead_server_is_an_error_and_empties_nothing() {
    let mut server = RedisServer::durable().await;
    let sessions = SessionManager::<Shop>::new(impatient(&server).await);
    let token = begun(&sessions).await;
    server.kill();
    let failed = sessions.open(&token).await.expect_err("there is no server");
    let SessionError::Store(error) = &failed else { panic!("{failed:?}") };
    assert_eq!(error.to_string(), "RedisStore failed to load");
    assert!(error.source().is_some());
    server.restart().await;
    let mut found = sessions.open(&token).await;
    while found.is_err() {
        found = sessions.open(&token).await;
    }
    assert_eq!(found.unwrap().unwrap().count().await.unwrap(), 1);
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_frozen_server_is_an_error_of_unknown_outcome_in_time() {
    let server = RedisServer::start().await;
    let store = impatient(&server).await;
    let create = Create {
        secret_hash: SecretHash::from_bytes([7; 32]),
        epoch: Epoch::random(),
        idle: Duration::from_secs(60),
        absolute: Duration::from_secs(60),
    };
    let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(create.secret_hash));
    let created = ChangeSet::new(Basis::Create(create));
    assert!(matches!(store.commit(id, &created, None).await.unwrap(), Outcome::Applied { .. }));
    server.freeze();
    let field =
        SetField { key: "a", value: Some(b"1"[..].into()), revision: Revision::random(), expiry: Expiry::Never };
    let change = ChangeSet { set: vec![field], ..ChangeSet::new(Basis::Guard(guard)) };
    let error = store.commit(id, &change, None).await.expect_err("nobody answers");
    assert!(error.is_outcome_unknown(), "{error}");
    server.thaw();
    // Asked again, it is applied once, whether or not it was the first time.
    let again = loop {
        if let Ok(outcome) = store.commit(id, &change, None).await {
            break outcome;
        }
    };
    assert!(matches!(again, Outcome::Applied { .. }), "{again:?}");
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn forgotten_scripts_are_sent_again() {
    let server = RedisServer::start().await;
    let sessions = SessionManager::<Shop>::new(server.store().await);
    let token = begun(&sessions).await;
    let mut connection = connect(&server).await;
    let () = ::redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut connection).await.unwrap();
    let session = sessions.open(&token).await.unwrap().unwrap();
    let () = ::redis::cmd("SCRIPT").arg("FLUSH").query_async(&mut connection).await.unwrap();
    session.set_count(2).await.unwrap();
    assert_eq!(session.count().await.unwrap(), 2);
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_server_that_only_reads_refuses_changes_for_certain() {
    let server = RedisServer::start().await;
    let sessions = SessionManager::<Shop>::new(server.store().await);
    let token = begun(&sessions).await;
    let mut connection = connect(&server).await;
    let nowhere = ["127.0.0.1", "1"];
    let () = ::redis::cmd("REPLICAOF").arg(&nowhere).query_async(&mut connection).await.unwrap();
    let session = sessions.open(&token).await.unwrap().unwrap();
    let failed = session.set_count(2).await.expect_err("it is a replica");
    let SessionError::Store(error) = &failed else { panic!("{failed:?}") };
    assert!(!error.is_outcome_unknown(), "{error}");
    assert!(error.source().unwrap().to_string().contains("replica"), "{:?}", error.source());
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_wrong_password_or_a_missing_server_is_an_error_at_once() {
    let server = RedisServer::with(&["--requirepass", "right"]).await;
    let address = server.url().replace("redis://", "");
    let wrong = RedisStore::open(&format!("redis://:wrong@{address}")).await.expect_err("the password is wrong");
    assert_eq!(wrong.to_string(), "RedisStore failed to connect");
    assert!(!format!("{wrong:?}").contains(":wrong@"), "no password is told: {wrong:?}");
    RedisStore::open(&format!("redis://:right@{address}")).await.unwrap();
    RedisStore::open("redis://127.0.0.1:1").await.expect_err("there is no server");
    RedisStore::open("no URL").await.expect_err("that is no URL");
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn every_key_ends_by_itself_and_begins_with_the_prefix() {
    let server = RedisServer::start().await;
    let sessions = SessionManager::<Shop>::new(server.store().await.with_prefix("shop:"));
    let other = SessionManager::<Shop>::new(server.store().await.with_prefix("other:"));
    let token = begun(&sessions).await;
    assert!(other.open(&token).await.unwrap().is_none(), "another prefix is another store");
    let mut connection = connect(&server).await;
    let keys: Vec<String> = connection.keys("*").await.unwrap();
    assert_eq!(keys, [format!("shop:{}", token.id())]);
    let ttl: i64 = connection.ttl(&keys[0]).await.unwrap();
    // The unconfirmed session's hour and a minute; once it was opened, its day.
    assert!((3600..=3660).contains(&ttl), "{ttl} s");
    sessions.open(&token).await.unwrap().unwrap();
    let ttl: i64 = connection.ttl(&keys[0]).await.unwrap();
    assert!((86_400..=86_460).contains(&ttl), "{ttl} s");
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn sessions_work_over_a_connection_of_the_users() {
    let server = RedisServer::start().await;
    let sessions = SessionManager::<Shop>::new(RedisStore::from_connection(connect(&server).await));
    let token = begun(&sessions).await;
    assert_eq!(sessions.open(&token).await.unwrap().unwrap().count().await.unwrap(), 1);
}

/// A connection on which removals from an index wait until they are let go.
#[derive(Clone)]
struct SlowToForget {
    inner: MultiplexedConnection,
    let_go: watch::Receiver<bool>,
}

impl ConnectionLike for SlowToForget {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        Box::pin(async move {
            if command.args_iter().any(|arg| matches!(arg, Arg::Simple(b"leave"))) {
                self.let_go.wait_for(|let_go| *let_go).await.unwrap();
            }
            self.inner.req_packed_command(command).await
        })
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        commands: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.inner.req_packed_commands(commands, offset, count)
    }

    fn get_db(&self) -> i64 {
        self.inner.get_db()
    }
}

/// A session leaves an index and enters it again, and the removal arrives after that.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn a_late_removal_from_an_index_does_not_take_out_a_newer_entry() {
    let server = RedisServer::start().await;
    let (open, let_go) = watch::channel(false);
    let slow = RedisStore::from_connection(SlowToForget { inner: connect(&server).await, let_go });
    let store = server.store().await;
    let secret_hash = SecretHash::from_bytes([7; 32]);
    let [idle, absolute] = [Duration::from_secs(600); 2];
    let begins = Create { secret_hash, epoch: Epoch::random(), idle, absolute };
    let id = SessionId::from_bytes([1; 16]);
    let change = |basis, user: Option<&str>| {
        let (revision, value) = (Revision::random(), user.map(|user| user.as_bytes().into()));
        let set = vec![SetField { key: "user", value, revision, expiry: Expiry::Never }];
        ChangeSet {
            set,
            index: vec![IndexChange { index: "user", value: user.map(Into::into) }],
            ..ChangeSet::new(basis)
        }
    };
    let guard = || Basis::Guard(Guard::Secret(secret_hash));
    store.commit(id, &change(Basis::Create(begins), Some("ada")), None).await.unwrap();
    let leaves = change(guard(), None);
    let leaving = tokio::spawn(async move { slow.commit(id, &leaves, None).await.unwrap() });
    while store.load(id, &[Select { key: "user", value: false }], None).await.unwrap().unwrap().fields[0].is_some() {
        tokio::task::yield_now().await;
    }
    store.commit(id, &change(guard(), Some("ada")), None).await.unwrap();
    open.send(true).unwrap();
    leaving.await.unwrap();
    assert_eq!(store.find("user", "ada", None).await.unwrap(), [id]);
    store.destroy(id, Guard::Any, None).await.unwrap();
    assert_eq!(store.find("user", "ada", None).await.unwrap(), []);
}

/// An entry of a commit that was over long ago, and of which nobody was told how it ended, goes when somebody looks. One that may be
/// under way is left alone, and neither is a session.
#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn an_entry_whose_commit_never_was_goes_after_an_hour() {
    let server = RedisServer::start().await;
    let store = server.store().await;
    let (mut connection, now) = (connect(&server).await, SystemTime::now());
    let secret_hash = SecretHash::from_bytes([7; 32]);
    let [idle, absolute] = [Duration::from_secs(6 * 3600); 2];
    let mut begins = ChangeSet::new(Basis::Create(Create { secret_hash, epoch: Epoch::random(), idle, absolute }));
    let (key, revision) = ("user", Revision::random());
    begins.set.push(SetField { key, value: Some([1].into()), revision, expiry: Expiry::Never });
    begins.index.push(IndexChange { index: "user", value: Some("7".to_owned()) });
    let id = SessionId::from_bytes([1; 16]);
    store.commit(id, &begins, Some(now)).await.unwrap();
    let keys: Vec<String> = connection.keys("*index*").await.unwrap();
    // The same commit to another session, whose entry was made and which then came to nothing.
    let another = [[2; 16].as_slice(), revision.as_bytes()].concat();
    let second = now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let _: () = connection.zadd(&keys[0], another, 9_000_000_000_000_000_u64 + second).await.unwrap();
    for (minutes, entries) in [(0, 2), (59, 2), (61, 1), (61, 1)] {
        let now = now + Duration::from_secs(minutes * 60);
        assert_eq!(store.find("user", "7", Some(now)).await.unwrap(), [id]);
        let count: usize = connection.zcard(&keys[0]).await.unwrap();
        assert_eq!(count, entries, "after {minutes} minutes");
    }
}
