//! PostgreSQL: what is its own. The rest is in `both`.

use std::time::{Duration, Instant};

use session_runtime::record::{Basis, ChangeSet, Ending, Guard, Outcome};
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

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_pool_of_another_isolation_level_is_refused() {
    let server = PostgresServer::shared().await;
    let level = [("default_transaction_isolation", "serializable")];
    let options: sqlx::postgres::PgConnectOptions = server.url().parse().unwrap();
    let schema = fresh_schema();
    server.store_in(&schema).await;
    for migrated in [false, true] {
        let pool = PgPoolOptions::new().connect_with(options.clone().options(level)).await.unwrap();
        let opened = match migrated {
            false => PostgresStore::from_pool_named(pool, &names(&schema)).await,
            true => PostgresStore::from_migrated_pool(pool, &names(&schema)).await,
        };
        let refused = told(&opened.expect_err("it is not safe"));
        assert!(refused.contains("isolation level serializable, and sessions need READ COMMITTED"), "{refused}");
    }
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_connection_that_takes_another_isolation_level_later_is_refused() {
    let server = PostgresServer::shared().await;
    let pool = pool(&server, 1).await;
    let store = PostgresStore::from_pool_named(pool.clone(), &names(&fresh_schema())).await.unwrap();
    created(&store).await;
    let level = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE";
    sqlx::query(level).execute(&pool).await.unwrap();
    let mut two_fields = ChangeSet::new(Basis::Guard(Guard::Any));
    two_fields.remove = vec!["one", "two"];
    let failed = store.commit(SessionId::from_bytes([1; 16]), &two_fields, None).await;
    let failed = failed.expect_err("it is not safe");
    assert!(!failed.is_outcome_unknown());
    assert!(told(&failed).contains("needs the isolation level READ COMMITTED"), "{}", told(&failed));
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
