//! PostgreSQL.

use std::error::Error as _;
use std::time::{Duration, Instant};

use session_runtime::record::{Basis, ChangeSet, Ending, Expiry, Guard, IndexChange, Outcome, SetField};
use session_runtime::{PostgresStore, SessionId, SessionManager, Store as _, TableNames};
use session_tests::{PostgresServer, Shop, fresh_schema};
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection as _};

use crate::common::*;

async fn connect(server: &PostgresServer) -> PgConnection {
    PgConnection::connect(&server.url()).await.unwrap()
}

/// A pool as a program may have it.
async fn pool(server: &PostgresServer, connections: u32) -> PgPool {
    PgPoolOptions::new().max_connections(connections).connect(&server.url()).await.unwrap()
}

/// Those in this schema.
fn names(schema: &str) -> TableNames {
    TableNames::new().in_schema(schema).unwrap()
}

/// A store that does not wait long.
async fn impatient(server: &PostgresServer) -> PostgresStore {
    server.store().await.with_timeout(Duration::from_millis(500))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn what_was_acknowledged_survives_deaths_in_the_middle_of_commits() {
    let mut server = PostgresServer::durable().await;
    let sessions = SessionManager::<Shop>::new(server.store().await.with_timeout(Duration::from_secs(1)));
    survives_deaths(sessions, async || server.restart().await).await;
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_dead_server_is_an_error_and_empties_nothing() {
    let mut server = PostgresServer::durable().await;
    let sessions = SessionManager::<Shop>::new(impatient(&server).await);
    let token = begun(&sessions).await;
    server.kill();
    let failed = store_error(sessions.open(&token).await.expect_err("there is no server"));
    assert_eq!(failed.to_string(), "PostgresStore failed to load");
    assert!(failed.source().is_some());
    server.restart().await;
    assert_eq!(count(&sessions, &token).await, 1);
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn without_a_connection_it_is_certain_that_nothing_was_changed() {
    let mut server = PostgresServer::with(&[]).await;
    let store = impatient(&server).await;
    let (id, guard) = created(&store).await;
    // Longer than connections are taken to be alive without asking.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    server.kill();
    let failed = store.commit(id, &change(guard), None).await.expect_err("there is no server");
    assert!(!failed.is_outcome_unknown(), "{failed}");
    assert!(told(&failed).contains("no connection within 500ms"), "{}", told(&failed));
    let failed = store.destroy(id, guard, None).await.expect_err("there is no server");
    assert!(!failed.is_outcome_unknown(), "{failed}");
    // What is left of its shared memory ends with the next.
    server.restart().await;
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_frozen_server_is_an_error_of_unknown_outcome_in_time() {
    let server = PostgresServer::with(&[]).await;
    let store = impatient(&server).await;
    let (id, guard) = created(&store).await;
    let change = change(guard);
    // Until its connection is free again.
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.freeze();
    let asked = Instant::now();
    let failed = store.commit(id, &change, None).await.expect_err("nobody answers");
    assert!(failed.is_outcome_unknown(), "{failed}");
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

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_connection_cut_in_the_middle_of_a_change_leaves_its_outcome_unknown() {
    let server = PostgresServer::with(&[]).await;
    let store = server.store().await;
    let (id, guard) = created(&store).await;
    let change = change(guard);
    let mut other = connect(&server).await;
    let mut holds = other.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM session_records FOR UPDATE").execute(&mut *holds).await.unwrap();
    let waiting = async {
        // Until the commit waits for the row, and then the end of its connection.
        let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        let mut administrator = connect(&server).await;
        while sqlx::query(cut).fetch_all(&mut administrator).await.unwrap().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let (failed, ()) = tokio::join!(store.commit(id, &change, None), waiting);
    let failed = failed.expect_err("its connection was cut");
    assert!(failed.is_outcome_unknown(), "{}", told(&failed));
    holds.rollback().await.unwrap();
    let again = store.commit(id, &change, None).await.unwrap();
    assert!(matches!(again, Outcome::Applied { .. }), "{again:?}");
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_wrong_password_or_a_missing_server_is_an_error_at_once() {
    let server = PostgresServer::with(&[]).await;
    server.demand("right-as-rain").await;
    let url = |password: &str| server.url().replace('@', &format!(":{password}@"));
    let asked = Instant::now();
    let wrong = PostgresStore::open(&url("wrong-as-can-be")).await.expect_err("the password is wrong");
    assert!(told(&wrong).contains("password authentication failed"), "{}", told(&wrong));
    assert!(!told(&wrong).contains("wrong-as-can-be"), "no password is told: {}", told(&wrong));
    PostgresStore::open(&url("right-as-rain")).await.unwrap();
    let nowhere = PostgresStore::open("postgres://a:secret@127.0.0.1:1/b").await.expect_err("there is no server");
    assert_eq!(nowhere.to_string(), "PostgresStore failed to connect");
    assert!(told(&nowhere).contains("refused") && !told(&nowhere).contains("secret"), "{}", told(&nowhere));
    let no_url = PostgresStore::open("postgres://a:secret@:b").await.expect_err("that is no URL");
    assert!(!told(&no_url).contains("secret"), "{}", told(&no_url));
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_password_that_changes_while_the_store_runs_is_an_error_without_effect() {
    let server = PostgresServer::with(&[]).await;
    let store = PostgresStore::from_pool(pool(&server, 2).await).await.unwrap();
    let (id, guard) = created(&store).await;
    server.demand("right").await;
    server
        .execute_as("right", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        .await;
    let failed = store.commit(id, &change(guard), None).await.expect_err("the store has no password");
    assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_server_that_only_reads_refuses_changes_for_certain() {
    let server = PostgresServer::with(&[]).await;
    let sessions = SessionManager::<Shop>::new(server.store().await);
    let token = begun(&sessions).await;
    count(&sessions, &token).await;
    server.execute("ALTER DATABASE postgres SET default_transaction_read_only = on").await;
    let store = server.store().await;
    let sessions = SessionManager::<Shop>::new(store.clone());
    let session = sessions.open(&token).await.unwrap().unwrap();
    assert_eq!(session.count().await.unwrap(), 1);
    let failed = store_error(session.set_count(2).await.expect_err("the server only reads"));
    assert!(!failed.is_outcome_unknown(), "{failed}");
    assert!(told(&failed).contains("read-only transaction"), "{}", told(&failed));
    let failed = store.destroy(token.id(), Guard::Any, None).await.expect_err("the server only reads");
    assert!(!failed.is_outcome_unknown(), "{failed}");
    let failed = PostgresStore::open_named(&server.url(), &names("another")).await.expect_err("the server only reads");
    assert_eq!(failed.to_string(), "PostgresStore failed to create its tables");
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_program_that_migrates_itself_is_told_what_to_run() {
    let server = PostgresServer::shared().await;
    let (pool, schema) = (pool(&server, 2).await, fresh_schema());
    let missing =
        PostgresStore::from_migrated_pool(pool.clone(), &names(&schema)).await.expect_err("there are no tables");
    assert_eq!(missing.to_string(), "PostgresStore failed to find its tables");
    let what = format!("there is no \"{schema}\".\"session_schema\"; run what `PostgresStore::schema_sql` gives");
    assert!(told(&missing).contains(&what), "{}", told(&missing));
    sqlx::raw_sql(AssertSqlSafe(PostgresStore::schema_sql(&names(&schema)))).execute(&pool).await.unwrap();
    let store = PostgresStore::from_migrated_pool(pool.clone(), &names(&schema)).await.unwrap();
    let (id, guard) = created(&store).await;
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);

    let drop = AssertSqlSafe(format!("DROP SCHEMA {schema} CASCADE"));
    sqlx::raw_sql(drop).execute(&pool).await.unwrap();
    let failed = store.commit(id, &change(guard), None).await.expect_err("there are no tables");
    assert!(!failed.is_outcome_unknown(), "{failed}");
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_schema_of_a_later_version_is_refused() {
    let server = PostgresServer::shared().await;
    let schema = fresh_schema();
    server.store_in(&schema).await;
    server.execute(&format!("UPDATE {schema}.session_schema SET version = 2")).await;
    let newer = PostgresStore::open_named(&server.url(), &names(&schema)).await.expect_err("it is a later version's");
    assert!(told(&newer).contains("its session tables have version 2; this program knows 1: update it"));
    let pool = pool(&server, 1).await;
    PostgresStore::from_migrated_pool(pool, &names(&schema)).await.expect_err("it is a later version's");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn nodes_that_begin_at_once_on_an_empty_database_all_do() {
    let server = PostgresServer::with(&["default_transaction_isolation=repeatable read"]).await;
    let nodes: Vec<_> = (0..8).map(|_| tokio::spawn(open(server.url()))).collect();
    for node in nodes {
        created_or_there(&node.await.unwrap()).await;
    }
}

async fn open(url: String) -> PostgresStore {
    PostgresStore::open(&url).await.unwrap()
}

async fn created_or_there(store: &PostgresStore) {
    let changes = ChangeSet::new(Basis::Create(create()));
    let outcome = store.commit(SessionId::from_bytes([1; 16]), &changes, None).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_pool_of_another_isolation_level_is_refused() {
    let server = PostgresServer::shared().await;
    let level = [("default_transaction_isolation", "serializable")];
    let options: sqlx::postgres::PgConnectOptions = server.url().parse().unwrap();
    let pool = PgPoolOptions::new().connect_with(options.options(level)).await.unwrap();
    let store = PostgresStore::from_pool_named(pool, &names(&fresh_schema())).await.unwrap();
    let failed = store.commit(SessionId::from_bytes([1; 16]), &ChangeSet::new(Basis::Create(create())), None).await;
    let failed = failed.expect_err("it is not safe");
    assert!(!failed.is_outcome_unknown());
    assert!(told(&failed).contains("needs the isolation level READ COMMITTED"), "{}", told(&failed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn racing_updates_of_several_nodes_lose_nothing() {
    let server = PostgresServer::with(&[]).await;
    let nodes = [
        SessionManager::<Shop>::new(server.store().await),
        SessionManager::<Shop>::new(PostgresStore::from_pool(pool(&server, 3).await).await.unwrap()),
    ];
    let token = begun(&nodes[0]).await;
    let writers: Vec<_> = (0..16)
        .map(|task| {
            let (sessions, token) = (nodes[task % 2].clone(), token);
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn nodes_that_sweep_at_once_delete_each_session_once_and_leave_nothing() {
    let server = PostgresServer::with(&["fsync=off"]).await;
    let store = server.store().await;
    for of in 0..200 {
        let index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
        let changes = ChangeSet { index, ..change(Guard::Any) };
        let created = ChangeSet { basis: Basis::Create(create()), ..changes };
        store.commit(SessionId::from_bytes([of; 16]), &created, None).await.unwrap();
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
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_sweep_does_not_wait_for_a_session_in_use() {
    let server = PostgresServer::with(&["fsync=off"]).await;
    let store = server.store().await;
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
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn forgotten_statements_and_tables_made_anew_go_unnoticed() {
    let server = PostgresServer::shared().await;
    let (pool, schema) = (pool(&server, 1).await, fresh_schema());
    let store = PostgresStore::from_pool_named(pool.clone(), &names(&schema)).await.unwrap();
    let (id, guard) = created(&store).await;
    for _ in 0..3 {
        sqlx::raw_sql("DISCARD ALL").execute(&pool).await.unwrap();
        let outcome = store.commit(id, &change(guard), None).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        assert!(store.load(id, &[], None).await.unwrap().is_some());
    }
    let anew = format!("DROP SCHEMA {schema} CASCADE; {}", PostgresStore::schema_sql(&names(&schema)));
    server.execute(&anew).await;
    assert!(store.load(id, &[], None).await.unwrap().is_none());
    created(&store).await;
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    assert_eq!(store.sweep(1, None).await.unwrap(), []);
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_pool_without_a_free_connection_is_an_error_in_time_and_without_effect() {
    let server = PostgresServer::shared().await;
    let pool = pool(&server, 1).await;
    let store = PostgresStore::from_pool_named(pool.clone(), &names(&fresh_schema())).await.unwrap();
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
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn any_text_can_be_found_by() {
    let server = PostgresServer::shared().await;
    let store = server.store_in(&fresh_schema()).await;
    let (id, guard) = created(&store).await;
    for value in ["", "a\0b", "é%_\\'\"", &"long".repeat(10_000)] {
        let index = vec![IndexChange { index: "user", value: Some(value.into()) }];
        store.commit(id, &ChangeSet { index, ..ChangeSet::new(Basis::Guard(guard)) }, None).await.unwrap();
        assert_eq!(store.find("user", value, None).await.unwrap(), [id]);
    }
    assert!(store.find("user", "", None).await.unwrap().is_empty());
}

/// As long as anything can live, and a little longer.
#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn times_without_end_are_kept() {
    let server = PostgresServer::shared().await;
    let store = server.store_in(&fresh_schema()).await;
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
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_creation_that_arrives_late_does_not_bring_back_what_was_destroyed() {
    let server = PostgresServer::shared().await;
    let store = server.store_in(&fresh_schema()).await;
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
