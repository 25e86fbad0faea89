//! MariaDB, and so MySQL.

use std::error::Error as _;
use std::time::{Duration, Instant};

use session_runtime::record::{Basis, ChangeSet, Ending, Expiry, Guard, IndexChange, Outcome, SetField};
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

/// A store that does not wait long.
async fn impatient(server: &MariaDbServer) -> MySqlStore {
    server.store(DATABASE).await.with_timeout(Duration::from_millis(500))
}

async fn connect(server: &MariaDbServer) -> MySqlConnection {
    MySqlConnection::connect(&format!("{}/{DATABASE}", server.url())).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn what_was_acknowledged_survives_deaths_in_the_middle_of_commits() {
    let mut server = MariaDbServer::durable().await;
    let sessions = SessionManager::<Shop>::new(server.store(DATABASE).await.with_timeout(Duration::from_secs(1)));
    survives_deaths(sessions, async || server.restart().await).await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_dead_server_is_an_error_and_empties_nothing() {
    let mut server = MariaDbServer::durable().await;
    let sessions = SessionManager::<Shop>::new(impatient(&server).await);
    let token = begun(&sessions).await;
    server.kill();
    let failed = store_error(sessions.open(&token).await.expect_err("there is no server"));
    assert_eq!(failed.to_string(), "MySqlStore failed to load");
    assert!(failed.source().is_some());
    server.restart().await;
    assert_eq!(count(&sessions, &token).await, 1);
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn without_a_connection_it_is_certain_that_nothing_was_changed() {
    let mut server = MariaDbServer::with(&[]).await;
    let store = impatient(&server).await;
    let (id, guard) = created(&store).await;
    // Longer than connections are taken to be alive without asking.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.kill();
    let failed = store.commit(id, &change(guard), None).await.expect_err("there is no server");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
    let failed = store.destroy(id, guard, None).await.expect_err("there is no server");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_frozen_server_is_an_error_of_unknown_outcome_in_time() {
    let server = MariaDbServer::with(&[]).await;
    let store = impatient(&server).await;
    let (id, guard) = created(&store).await;
    let change = change(guard);
    // Until its connection is free again.
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.freeze();
    let asked = Instant::now();
    let failed = store.commit(id, &change, None).await.expect_err("nobody answers");
    assert!(failed.is_outcome_unknown(), "{}", told(&failed));
    assert!((500..1500).contains(&asked.elapsed().as_millis()), "{:?}", asked.elapsed());
    server.thaw();
    // Asked again, it is applied once, whether or not it was the first time.
    let again = loop {
        if let Ok(outcome) = store.commit(id, &change, None).await {
            break outcome;
        }
    };
    assert!(matches!(again, Outcome::Applied { .. }), "{again:?}");
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
        let end = AssertSqlSafe(format!("KILL {how} {waiting}"));
        sqlx::raw_sql(end).execute(&mut administrator).await.unwrap();
    };
    let (failed, ()) = tokio::join!(store.commit(id, &change, None), end);
    let failed = failed.expect_err("it was ended");
    assert_eq!(failed.is_outcome_unknown(), how == "CONNECTION", "{}", told(&failed));
    holds.rollback().await.unwrap();
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
async fn a_change_that_is_interrupted_is_undone() {
    ended_by("QUERY").await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn nodes_that_begin_at_once_on_an_empty_database_all_do() {
    let server = MariaDbServer::with(&[]).await;
    let url = server.database(DATABASE).await;
    let nodes: Vec<_> = (0..8).map(|_| tokio::spawn(open(url.clone()))).collect();
    for node in nodes {
        let changes = ChangeSet::new(Basis::Create(create()));
        let outcome = node.await.unwrap().commit(SessionId::from_bytes([1; 16]), &changes, None).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }
}

async fn open(url: String) -> MySqlStore {
    MySqlStore::open(&url).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn racing_updates_of_several_nodes_lose_nothing() {
    let server = MariaDbServer::with(&[]).await;
    let url = server.database(DATABASE).await;
    let nodes = [
        SessionManager::<Shop>::new(open(url.clone()).await),
        SessionManager::<Shop>::new(MySqlStore::from_pool(pool(&url, 3).await).await.unwrap()),
    ];
    let token = begun(&nodes[0]).await;
    let writers: Vec<_> = (0..16)
        .map(|task| {
            let sessions = nodes[task % 2].clone();
            tokio::spawn(async move {
                for _ in 0..20 {
                    let session = sessions.open(&token).await.unwrap().unwrap();
                    session.update_count(|count| *count += 1).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(count(&nodes[1], &token).await, 1 + 16 * 20);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn nodes_that_sweep_at_once_delete_each_session_once_and_leave_nothing() {
    let server = MariaDbServer::with(&["--innodb-flush-log-at-trx-commit=0"]).await;
    let store = server.store(DATABASE).await;
    for of in 0..200 {
        let index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
        let begins = ChangeSet { basis: Basis::Create(create()), index, ..change(Guard::Any) };
        store.commit(SessionId::from_bytes([of; 16]), &begins, None).await.unwrap();
    }
    let later = Some(std::time::SystemTime::now() + Duration::from_secs(60));
    let sweeps: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.sweep(50, later).await.unwrap().len() })
        })
        .collect();
    let mut swept = 0;
    for sweep in sweeps {
        let deleted = sweep.await.unwrap();
        assert!(deleted <= 50, "{deleted}");
        swept += deleted;
    }
    while swept < 200 {
        let deleted = store.sweep(1000, later).await.unwrap().len();
        assert!(deleted > 0, "{swept} were swept");
        swept += deleted;
    }
    assert_eq!(swept, 200);
    for table in ["session_records", "session_fields", "session_index"] {
        let rows: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) FROM {table}")))
            .fetch_one(&mut connect(&server).await)
            .await
            .unwrap();
        assert_eq!(rows, 0, "{table}");
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

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn any_text_can_be_found_by() {
    let server = MariaDbServer::shared().await;
    let store = server.store(&fresh_schema()).await;
    let (id, guard) = created(&store).await;
    for value in ["", "a\0b", "é%_\\'\"", "a ", "A", &"long".repeat(10_000)] {
        let index = vec![IndexChange { index: "user", value: Some(value.into()) }];
        store.commit(id, &ChangeSet { index, ..ChangeSet::new(Basis::Guard(guard)) }, None).await.unwrap();
        assert_eq!(store.find("user", value, None).await.unwrap(), [id]);
    }
    for other in ["", "a", "USER"] {
        assert!(store.find("user", other, None).await.unwrap().is_empty());
    }
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

/// As long as anything can live, and a little longer.
#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn times_without_end_are_kept() {
    let server = MariaDbServer::shared().await;
    let store = server.store(&fresh_schema()).await;
    let (id, guard) = created(&store).await;
    let field = SetField { expiry: Expiry::After(Duration::MAX), ..change(guard).set.remove(0) };
    let endless = Some(Duration::MAX);
    let changes =
        ChangeSet { set: vec![field], touch: endless, absolute: endless, ..ChangeSet::new(Basis::Guard(guard)) };
    let outcome = store.commit(id, &changes, None).await.unwrap();
    let Outcome::Applied { meta, now } = outcome else { panic!("{outcome:?}") };
    assert!(meta.expires() > now + Duration::from_secs(9_999 * 365 * 24 * 3600));
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn a_creation_that_arrives_late_does_not_bring_back_what_was_destroyed() {
    let server = MariaDbServer::shared().await;
    let store = server.store(&fresh_schema()).await;
    let create = create();
    let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(create.secret_hash));
    let begins = ChangeSet { basis: Basis::Create(create), ..change(guard) };
    store.commit(id, &begins, None).await.unwrap();
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    assert_eq!(store.commit(id, &begins, None).await.unwrap(), Outcome::Gone);
    assert!(store.load(id, &[], None).await.unwrap().is_none());
    let after = |seconds| Some(std::time::SystemTime::now() + Duration::from_secs(seconds));
    assert_eq!(store.sweep(10, after(50)).await.unwrap(), []);
    assert_eq!(store.commit(id, &begins, after(60)).await.unwrap(), Outcome::Gone);
    assert_eq!(store.sweep(10, after(60)).await.unwrap(), [], "it did not expire");
    assert!(matches!(store.commit(id, &begins, after(60)).await.unwrap(), Outcome::Applied { .. }), "its ID is free");
}
