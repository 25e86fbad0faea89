//! No room left: on a disk, in a memory, in a file that may not grow.

use std::time::{Duration, Instant};

use session_runtime::record::{
    Basis, ChangeSet, Ending, Expiry, Guard, IndexChange, Outcome, Revision, Select, SetField,
};
use session_runtime::{ObjectStore, SessionId, SqliteStore, Store, StoreError};
use session_tests::{MariaDbServer, PostgresServer, RedisServer, SmallDisk};
use sqlx::AssertSqlSafe;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::common::*;

/// How long it may take until a write fails, or until one works again.
const PATIENCE: Duration = Duration::from_secs(60);

/// Two fields that each session begins with.
const BOTH: [Select; 2] = [Select { key: "large", value: true }, Select { key: "small", value: true }];

/// A new session with both.
fn begins() -> (SessionId, ChangeSet) {
    let field = |key, size| {
        let value = (0..size).map(|_| fastrand::u8(..)).collect::<Vec<_>>();
        SetField { key, value: Some(value.into()), revision: Revision::random(), expiry: Expiry::Never }
    };
    let set = vec![field("large", 30_000), field("small", 8)];
    let id = SessionId::from_bytes(fastrand::u128(..).to_be_bytes());
    (id, ChangeSet { set, ..ChangeSet::new(Basis::Create(create())) })
}

/// Sessions that begin until there is no room.
struct Begun<S> {
    store: S,
    acknowledged: Vec<(SessionId, ChangeSet)>,
    /// The one that did not.
    refused: (SessionId, ChangeSet),
}

impl<S: Store> Begun<S> {
    /// Begins some while there is room.
    async fn with(store: S) -> Self {
        let mut begun = Self { store, acknowledged: Vec::new(), refused: begins() };
        for _ in 0..3 {
            begun.another().await.unwrap();
        }
        begun
    }

    async fn another(&mut self) -> Result<(), StoreError> {
        self.refused = begins();
        self.again().await
    }

    /// Asks once more for the one that did not begin.
    async fn again(&mut self) -> Result<(), StoreError> {
        let (id, change) = &self.refused;
        let outcome = self.store.commit(*id, change, None).await?;
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        self.acknowledged.push(self.refused.clone());
        Ok(())
    }

    /// Goes on until one does not begin, and says why.
    async fn until_it_fails(&mut self) -> StoreError {
        let started = Instant::now();
        loop {
            match self.another().await {
                Ok(()) => assert!(started.elapsed() < PATIENCE, "there is room still"),
                Err(error) => return error,
            }
        }
    }

    /// Nothing was changed, for this reason; and what there is can be read.
    async fn assert_refused(&self, failed: &StoreError, store: &str, reason: &str) {
        assert_eq!(failed.to_string(), format!("{store} failed to commit"), "{}", told(failed));
        assert!(told(failed).contains(reason), "{}", told(failed));
        assert_eq!(self.store.load(self.refused.0, &[], None).await.unwrap(), None, "it was refused");
        self.assert_kept().await;
    }

    /// It works again by itself, also for the one that was refused.
    async fn assert_goes_on(&mut self) {
        let started = Instant::now();
        while let Err(error) = self.again().await {
            assert!(started.elapsed() < PATIENCE, "{}", told(&error));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        self.another().await.unwrap();
        self.assert_kept().await;
        let (id, _) = self.acknowledged[0];
        let outcome = self.store.commit(id, &change(Guard::Any), None).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }

    /// The same, once the connections to a server that was restarted have been made anew.
    async fn assert_kept_by_now(&self) {
        let started = Instant::now();
        while let Err(error) = self.store.load(self.refused.0, &[], None).await {
            assert!(started.elapsed() < PATIENCE, "{}", told(&error));
        }
        self.assert_kept().await;
    }

    /// All that were acknowledged are there, with all that they began with.
    async fn assert_kept(&self) {
        for (id, begun) in &self.acknowledged {
            let record = self.store.load(*id, &BOTH, None).await.unwrap().expect("it was acknowledged");
            for (found, begun) in record.fields.into_iter().zip(&begun.set) {
                assert!(found.expect("it was acknowledged").value == begun.value);
            }
        }
    }
}

#[tokio::test]
async fn a_sqlite_database_that_may_not_grow_refuses_and_goes_on_when_it_may() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(dir.path().join("shop.db")).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let may_have = async |pages: u32| {
        let limit = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlx::raw_sql(limit).execute(&pool).await.unwrap();
    };
    let mut begun = Begun::with(SqliteStore::from_pool(pool.clone()).await.unwrap()).await;
    may_have(100).await;
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "SqliteStore", "database or disk is full").await;
    may_have(10_000).await;
    begun.assert_goes_on().await;
}

#[tokio::test]
#[cfg_attr(not(can_mount), ignore = "needs the right to mount a tmpfs: run as root")]
async fn sqlite_on_a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = SmallDisk::of(4);
    let file = disk.path().join("shop.db");
    let mut begun = Begun::with(SqliteStore::open(&file).await.unwrap()).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "SqliteStore", "full").await;
    disk.free();
    begun.assert_goes_on().await;
    begun.store.close().await;
    begun.store = SqliteStore::open(&file).await.unwrap();
    begun.assert_kept().await;
}

#[tokio::test]
#[cfg_attr(not(can_mount), ignore = "needs the right to mount a tmpfs: run as root")]
async fn objects_on_a_full_disk_are_refused_and_go_on_when_there_is_room() {
    let disk = SmallDisk::of(4);
    let folder = disk.path().join("sessions");
    let mut begun = Begun::with(ObjectStore::open(&folder).await.unwrap()).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "ObjectStore", "No space left").await;
    disk.free();
    begun.assert_goes_on().await;
    begun.store = ObjectStore::open(&folder).await.unwrap();
    begun.assert_kept().await;
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn redis_without_memory_refuses_and_goes_on_when_it_has_some() {
    let settings = ["--save", "", "--appendonly", "no", "--maxmemory", "4mb", "--maxmemory-policy", "noeviction"];
    let server = RedisServer::with(&settings).await;
    let mut begun = Begun::with(server.store().await).await;
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "RedisStore", "OOM").await;
    // No entry is left of a session that did not begin.
    let (id, mut change) = begins();
    change.index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
    let failed = begun.store.commit(id, &change, None).await.expect_err("there is no memory");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
    assert_eq!(begun.store.find("user", "ada", None).await.unwrap(), []);
    let (id, _) = begun.acknowledged.remove(0);
    assert_eq!(begun.store.destroy(id, Guard::Any, None).await.unwrap(), Ending::Destroyed, "that makes room");
    assert_eq!(server.tells(&["config", "set", "maxmemory", "100mb"]).trim(), "OK");
    begun.assert_goes_on().await;
}

/// With `appendfsync always` it would end itself.
#[tokio::test]
#[cfg_attr(not(all(can_mount, has_redis)), ignore = "needs Redis, and the right to mount a tmpfs: run as root")]
async fn redis_on_a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = SmallDisk::of(8);
    let settings = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"];
    let mut server = RedisServer::on(disk.path(), &settings).await;
    let mut begun = Begun::with(server.store().await).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "RedisStore", "MISCONF").await;
    disk.free();
    begun.assert_goes_on().await;
    // Until it has written what it was late with.
    tokio::time::sleep(Duration::from_millis(2500)).await;
    server.restart().await;
    begun.assert_kept_by_now().await;
}

/// Its log is on another disk.
#[tokio::test]
#[cfg_attr(not(all(can_mount, has_postgres)), ignore = "needs PostgreSQL, and the right to mount a tmpfs: run as root")]
async fn postgres_on_a_full_disk_refuses_and_goes_on_when_there_is_room() {
    let disk = SmallDisk::of(16);
    let mut server = PostgresServer::with(&["fsync=off"]).await;
    server.keep_tables_on(disk.path()).await;
    let mut begun = Begun::with(server.store().await).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    begun.assert_refused(&failed, "PostgresStore", "No space left on device").await;
    disk.free();
    begun.assert_goes_on().await;
    server.restart().await;
    begun.assert_kept_by_now().await;
}

/// With no room for another file of the log it ends itself.
#[tokio::test]
#[cfg_attr(not(all(can_mount, has_postgres)), ignore = "needs PostgreSQL, and the right to mount a tmpfs: run as root")]
async fn postgres_without_room_for_its_log_loses_nothing_that_was_acknowledged() {
    let disk = SmallDisk::of(100);
    let mut server = PostgresServer::on(disk.path(), &["max_wal_size=32MB"]).await;
    let mut begun = Begun::with(server.store().await.with_timeout(Duration::from_secs(2))).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    assert!(failed.to_string().starts_with("PostgresStore failed to commit"), "{}", told(&failed));
    disk.free();
    server.restart().await;
    begun.assert_goes_on().await;
}

/// It tries for some seconds, and then ends itself.
#[tokio::test]
#[cfg_attr(not(all(can_mount, has_mariadb)), ignore = "needs MariaDB, and the right to mount a tmpfs: run as root")]
async fn mariadb_on_a_full_disk_loses_nothing_that_was_acknowledged() {
    let disk = SmallDisk::of(160);
    let mut server = MariaDbServer::on(disk.path(), &[]).await;
    let mut begun = Begun::with(server.store("shop").await.with_timeout(Duration::from_secs(2))).await;
    disk.fill();
    let failed = begun.until_it_fails().await;
    assert!(failed.to_string().starts_with("MySqlStore failed to commit"), "{}", told(&failed));
    disk.free();
    server.restart().await;
    begun.assert_goes_on().await;
}
