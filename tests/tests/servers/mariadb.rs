//! MariaDB, and so MySQL: what is its own. The rest is in `both`.

use std::time::{Duration, Instant};

use session_runtime::record::{Basis, ChangeSet, Ending, Guard, IndexChange, Outcome, SetField};
use session_runtime::{MySqlStore, SessionId, SessionManager, Store as _, TableNames};
use session_tests::{MariaDbServer, Shop, fresh_schema};
use sqlx::mysql::{MySqlConnection, MySqlPool, MySqlPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::common::*;

const DATABASE: &str = "shop";

/// A pool as a program may have it.
async fn pool(url: &str, connections: u32) -> MySqlPool {
    MySqlPoolOptions::new().max_connections(connections).connect(url).await.unwrap()
}

async fn connect(server: &MariaDbServer) -> MySqlConnection {
    MySqlConnection::connect(&format!("{}/{DATABASE}", server.url())).await.unwrap()
}

/// A commit that waits for the session's row, and is ended in the middle by this.
async fn ended_by(how: &str) {
    let server = MariaDbServer::with(&[]).await;
    let store = server.store(DATABASE).await;
    let (id, guard) = created(&store).await;
    let change = change(guard);
    let mut other = connect(&server).await;
    let mut holds = other.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM session_records FOR UPDATE").execute(&mut *holds).await.unwrap();
    let mut ended = 0;
    let end = async {
        // Until the commit waits.
        let waits = "SELECT trx_mysql_thread_id FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'";
        let mut administrator = connect(&server).await;
        let waiting: u64 = loop {
            match sqlx::query_scalar(waits).fetch_optional(&mut administrator).await.unwrap() {
                Some(waiting) => break waiting,
                // Asked more often, the server goes on telling what it told before.
                None => tokio::time::sleep(Duration::from_millis(150)).await,
            }
        };
        ended = waiting;
        let end = AssertSqlSafe(format!("KILL {how} {waiting}"));
        sqlx::raw_sql(end).execute(&mut administrator).await.unwrap();
    };
    let (failed, ()) = tokio::join!(store.commit(id, &change, None), end);
    let failed = failed.expect_err("it was ended");
    assert!(failed.is_outcome_unknown(), "{}", told(&failed));
    holds.rollback().await.unwrap();
    // Nobody else gets a connection whose transaction is open still: it is closed.
    let is_open = "SELECT COUNT(*) FROM information_schema.processlist WHERE id = ?";
    let closes = Instant::now();
    while sqlx::query_scalar::<_, i64>(is_open).bind(ended).fetch_one(&mut other).await.unwrap() > 0 {
        assert!(closes.elapsed() < Duration::from_secs(5), "the connection is in the pool");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(store.load(id, &[], None).await.unwrap().is_some());
    let again = store.commit(id, &change, None).await.unwrap();
    assert!(matches!(again, Outcome::Applied { .. }), "{again:?}");
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_connection_cut_in_the_middle_of_a_change_leaves_its_outcome_unknown() {
    ended_by("CONNECTION").await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_change_that_is_interrupted_is_undone_and_may_have_been_done() {
    ended_by("QUERY").await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn without_autocommit_a_pool_is_refused_and_a_store_turns_it_on() {
    let server = MariaDbServer::with(&["--autocommit=0"]).await;
    let url = server.database(DATABASE).await;
    let (store, other) = (MySqlStore::open(&url).await.unwrap(), MySqlStore::open(&url).await.unwrap());
    let (id, guard) = created(&store).await;
    assert!(other.load(id, &[], None).await.unwrap().is_some());
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    assert!(other.load(id, &[], None).await.unwrap().is_none());
    let pool = MySqlPool::connect(&url).await.unwrap();
    let refused = told(&MySqlStore::from_pool(pool).await.expect_err("it would read what was there long ago"));
    assert!(refused.contains("`autocommit` off"), "{refused}");
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_wrong_password_or_a_missing_server_is_an_error_at_once() {
    let server = MariaDbServer::with(&[]).await;
    let url = server.database(DATABASE).await;
    server
        .execute("CREATE USER ada@'127.0.0.1' IDENTIFIED BY 'right-as-rain'; GRANT ALL ON shop.* TO ada@'127.0.0.1'")
        .await;
    let url = |password: &str| url.replace("root@", &format!("ada:{password}@"));
    let asked = Instant::now();
    let wrong = MySqlStore::open(&url("wrong-as-can-be")).await.expect_err("the password is wrong");
    assert!(told(&wrong).contains("Access denied"), "{}", told(&wrong));
    assert!(!told(&wrong).contains("wrong-as-can-be"), "no password is told: {}", told(&wrong));
    MySqlStore::open(&url("right-as-rain")).await.unwrap();
    let nowhere = MySqlStore::open("mysql://a:secret@127.0.0.1:1/b").await.expect_err("there is no server");
    assert_eq!(nowhere.to_string(), "MySqlStore failed to connect");
    assert!(told(&nowhere).contains("refused") && !told(&nowhere).contains("secret"), "{}", told(&nowhere));
    let no_database = MySqlStore::open(&server.url()).await.expect_err("it names no database");
    assert!(told(&no_database).contains("No database selected"), "{}", told(&no_database));
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_server_that_only_reads_refuses_changes_for_certain() {
    let server = MariaDbServer::with(&[]).await;
    let sessions = SessionManager::<Shop>::new(server.store(DATABASE).await);
    let token = begun(&sessions).await;
    count(&sessions, &token).await;
    server.execute("CREATE USER ada@'127.0.0.1'; GRANT ALL ON *.* TO ada@'127.0.0.1'; REVOKE READ_ONLY ADMIN ON *.* FROM ada@'127.0.0.1'; SET GLOBAL read_only = ON").await;
    let url = format!("{}/{DATABASE}", server.url()).replace("root@", "ada@");
    let store = MySqlStore::open(&url).await.unwrap();
    let sessions = SessionManager::<Shop>::new(store.clone());
    let session = sessions.open(&token).await.unwrap().unwrap();
    assert_eq!(session.count().await.unwrap(), 1);
    let failed = store_error(session.set_count(2).await.expect_err("the server only reads"));
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
    assert!(told(&failed).contains("read-only"), "{}", told(&failed));
    let failed = store.destroy(token.id(), Guard::Any, None).await.expect_err("the server only reads");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_program_that_migrates_itself_is_told_what_to_run() {
    let server = MariaDbServer::shared().await;
    let (name, names) = (fresh_schema(), TableNames::new());
    let pool = pool(&server.database(&name).await, 2).await;
    let missing = MySqlStore::from_migrated_pool(pool.clone(), &names).await.expect_err("there are no tables");
    assert_eq!(missing.to_string(), "MySqlStore failed to find its tables");
    let what = "there is no `session_schema`; run what `MySqlStore::schema_sql` gives";
    assert!(told(&missing).contains(what), "{}", told(&missing));
    // A second time does no harm.
    for _ in 0..2 {
        sqlx::raw_sql(AssertSqlSafe(MySqlStore::schema_sql(&names))).execute(&pool).await.unwrap();
    }
    let store = MySqlStore::from_migrated_pool(pool.clone(), &names).await.unwrap();
    let (id, guard) = created(&store).await;
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    sqlx::raw_sql("UPDATE session_schema SET version = 2").execute(&pool).await.unwrap();
    let newer = MySqlStore::from_pool(pool.clone()).await.expect_err("it is a later version's");
    assert!(told(&newer).contains("its session tables have version 2; this program knows 1: update it"));
    server.execute(&format!("DROP DATABASE {name}")).await;
    let failed = store.commit(id, &change(guard), None).await.expect_err("there are no tables");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
}

async fn open(url: String) -> MySqlStore {
    MySqlStore::open(&url).await.unwrap()
}

/// Rows of different sessions lie side by side, and so do the gaps that the server locks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn sessions_that_begin_change_and_end_side_by_side_do_not_fail() {
    let server = MariaDbServer::shared().await;
    let store = server.store(&fresh_schema()).await;
    let tasks: Vec<_> = (0..8)
        .map(|task| {
            let store = store.clone();
            tokio::spawn(async move {
                for round in 0..30 {
                    let id = SessionId::from_bytes([round * 8 + task; 16]);
                    let index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
                    let begins = ChangeSet { basis: Basis::Create(create()), index, ..change(Guard::Any) };
                    store.commit(id, &begins, None).await.unwrap();
                    store.commit(id, &change(Guard::Any), None).await.unwrap();
                    assert_eq!(store.destroy(id, Guard::Any, None).await.unwrap(), Ending::Destroyed);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_sweep_does_not_wait_for_a_session_in_use() {
    let server = MariaDbServer::with(&[]).await;
    let store = server.store(DATABASE).await;
    created(&store).await;
    let mut other = connect(&server).await;
    let mut holds = other.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM session_records FOR UPDATE").execute(&mut *holds).await.unwrap();
    let later = Some(std::time::SystemTime::now() + Duration::from_secs(60));
    assert_eq!(store.sweep(10, later).await.unwrap().len(), 0);
    holds.rollback().await.unwrap();
    assert_eq!(store.sweep(10, later).await.unwrap().len(), 1);
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn tables_made_anew_go_unnoticed() {
    let server = MariaDbServer::shared().await;
    let name = fresh_schema();
    let url = server.database(&name).await;
    let pool = pool(&url, 1).await;
    let store = MySqlStore::from_pool(pool.clone()).await.unwrap();
    let (id, guard) = created(&store).await;
    server.execute(&format!("DROP DATABASE {name}; CREATE DATABASE {name}")).await;
    open(url).await;
    assert!(store.load(id, &[], None).await.unwrap().is_none());
    created(&store).await;
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    assert_eq!(store.sweep(1, None).await.unwrap(), []);
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_pool_without_a_free_connection_is_an_error_in_time_and_without_effect() {
    let server = MariaDbServer::shared().await;
    let pool = pool(&server.database(&fresh_schema()).await, 1).await;
    let store = MySqlStore::from_pool(pool.clone()).await.unwrap();
    let (id, guard) = created(&store).await;
    let store = store.with_timeout(Duration::from_millis(200));
    let taken = pool.acquire().await.unwrap();
    let failed = store.commit(id, &change(guard), None).await.expect_err("the connection is taken");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
    assert!(told(&failed).contains("all connections are in use"), "{}", told(&failed));
    drop(taken);
    store.with_timeout(Duration::from_secs(5)).commit(id, &change(guard), None).await.unwrap();
}

/// What is too long is an error, and not cut, whatever the mode of whoever calls.
#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_key_that_does_not_fit_is_refused() {
    let server = MariaDbServer::shared().await;
    let pool = pool(&server.database(&fresh_schema()).await, 1).await;
    sqlx::raw_sql("SET sql_mode = ''").execute(&pool).await.unwrap();
    let store = MySqlStore::from_pool(pool).await.unwrap();
    let (id, guard) = created(&store).await;
    let field = SetField { key: Box::leak("long".repeat(200).into_boxed_str()), ..change(guard).set.remove(0) };
    let changes = ChangeSet { set: vec![field], ..ChangeSet::new(Basis::Guard(guard)) };
    let failed = store.commit(id, &changes, None).await.expect_err("the key is too long");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
}
