//! Connections of a store's own pool: kept for the next operation, and given back.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use session_runtime::{PostgresStore, SqliteStore, Store, TableNames};
use session_tests::{PostgresServer, Wire, fresh_schema};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

use crate::common::*;

#[test]
fn a_store_may_be_dropped_where_there_is_no_runtime() {
    let dir = tempfile::tempdir().unwrap();
    for path in [":memory:".as_ref(), dir.path().join("shop.db").as_path()] {
        let runtime = Runtime::new().unwrap();
        let store = runtime.block_on(async {
            let store = SqliteStore::open(path).await.unwrap();
            created(&store).await;
            store
        });
        drop(runtime);
        drop(store);
    }
}

#[tokio::test]
async fn a_store_that_is_closed_waits_for_nobody_and_says_so_to_everybody() {
    let dir = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(dir.path().join("shop.db")).await.unwrap();
    let (id, guard) = created(&store).await;
    store.load(id, &[], None).await.unwrap();
    timeout(Duration::from_secs(5), store.close()).await.unwrap();
    for failed in [
        store.load(id, &[], None).await.map(drop),
        store.commit(id, &change(guard), None).await.map(drop),
        store.find("user", "ada", None).await.map(drop),
    ] {
        let failed = failed.unwrap_err();
        assert!(told(&failed).contains("closed pool"), "{}", told(&failed));
        assert!(!failed.is_outcome_unknown());
    }
}

/// The one connection to a database in memory is all that it has.
#[tokio::test]
async fn operations_that_are_given_up_leave_the_only_connection_to_others() {
    let store = SqliteStore::open(":memory:").await.unwrap();
    let (id, guard) = created(&store).await;
    for _ in 0..100 {
        let [given_up, other] = [(), ()].map(|()| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(id, &change(guard), None).await })
        });
        tokio::task::yield_now().await;
        given_up.abort();
        timeout(Duration::from_secs(5), other).await.unwrap().unwrap().unwrap();
    }
    assert!(store.load(id, &[], None).await.unwrap().is_some());
}

/// Those that are kept are asked whether they are well when they go back, and no answer will come.
#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn connections_that_fall_silent_are_made_anew() {
    let server = PostgresServer::shared().await;
    let wire = Wire::to(&server.url()).await;
    let names = TableNames::new().in_schema(&fresh_schema()).unwrap();
    let store = PostgresStore::open_named(wire.url(), &names).await.unwrap();
    let (id, _) = created(&store).await;
    for is_back in [false, true] {
        join_all((0..20).map(|_| store.load(id, &[], None))).await.into_iter().for_each(|loaded| drop(loaded.unwrap()));
        if !is_back {
            wire.falls_silent();
        }
        // Until all of them have gone back to the pool, or were asked.
        sleep(Duration::from_millis(2500)).await;
        if is_back {
            wire.falls_silent();
        }
        let begun = Instant::now();
        while let Err(failed) = store.load(id, &[], None).await {
            // One that lies in the pool is found out in time for another.
            assert!(!is_back && begun.elapsed() < Duration::from_secs(10), "{}", told(&failed));
        }
    }
}

/// Those that wait for a lock come back when they have it; until then there is one for all others.
#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn one_connection_serves_all_while_the_others_come_back() {
    let server = PostgresServer::shared().await;
    let schema = fresh_schema();
    let names = TableNames::new().in_schema(&schema).unwrap();
    let store = PostgresStore::open_named(&server.url(), &names).await.unwrap();
    let (locked, guard) = created(&store).await;

    let mut locks = PgConnection::connect(&server.url()).await.unwrap();
    let mut sees = PgConnection::connect(&server.url()).await.unwrap();
    let lock = format!("BEGIN; LOCK TABLE {schema}.session_fields IN ACCESS EXCLUSIVE MODE");
    sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut locks).await.unwrap();
    let waiting: Vec<_> = (0..9)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.commit(locked, &change(guard), None).await })
        })
        .collect();
    let of_this_schema = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%{schema}%' AND pid <> pg_backend_pid()"
    );
    let begun = Instant::now();
    loop {
        let waits: i64 = sqlx::query_scalar(AssertSqlSafe(of_this_schema.as_str())).fetch_one(&mut sees).await.unwrap();
        if waits == 9 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{waits} wait");
    }
    waiting.iter().for_each(|task| task.abort());

    let begun = Instant::now();
    let found = join_all((0..9).map(|_| store.find("user", "ada", None)));
    found.await.into_iter().for_each(|found| drop(found.unwrap()));
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    locks.close().await.unwrap();
}

/// The pool asks the server whether it is well then.
#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn a_connection_that_nobody_uses_goes_back_to_the_pool() {
    let server = PostgresServer::shared().await;
    let wire = Wire::to(&server.url()).await;
    let names = TableNames::new().in_schema(&fresh_schema()).unwrap();
    let store = PostgresStore::open_named(wire.url(), &names).await.unwrap();
    created(&store).await;
    wire.said();
    let begun = Instant::now();
    while wire.said().trips == 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is kept");
        sleep(Duration::from_millis(50)).await;
    }
}
