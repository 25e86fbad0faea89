//! Several stores in one database, told apart by the names of their tables.

use std::time::{Duration, SystemTime};

use session_runtime::record::{Basis, ChangeSet, Create, Ending, Guard, IndexChange, Outcome};
use session_runtime::{
    MySqlStore, PostgresStore, SecretHash, SessionId, SqliteStore, Store, StoreError, TableNameError, TableNames,
};
use session_tests::{MariaDbServer, PostgresServer, fresh_schema};
use sqlx::mysql::MySqlPool;
use sqlx::postgres::PgPool;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use sqlx::{AssertSqlSafe, MySql, Postgres};

use crate::common::*;

/// The session that each of the stores has in its own way.
const ID: SessionId = SessionId::from_bytes([1; 16]);

fn prefixed(prefix: &str) -> TableNames {
    TableNames::new().with_prefix(prefix).unwrap()
}

/// The longest that there can be, which differ in what is last.
fn longest() -> [TableNames; 2] {
    ["a", "b"].map(|last| {
        let (prefix, schema) = ("p".repeat(31) + last, "S".repeat(63));
        prefixed(&prefix).in_schema(&schema).unwrap()
    })
}

/// Begins the session in a store, with a secret of its own, findable by this name of a user.
async fn begin(store: &impl Store, secret: u8, user: &str) -> Guard {
    let begins = Create { secret_hash: SecretHash::from_bytes([secret; 32]), ..create() };
    let index = vec![IndexChange { index: "user", value: Some(user.into()) }];
    let begins = ChangeSet { index, basis: Basis::Create(begins), ..change(Guard::Any) };
    let outcome = store.commit(ID, &begins, None).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    Guard::Secret(SecretHash::from_bytes([secret; 32]))
}

async fn has_it(store: &impl Store) -> bool {
    store.load(ID, &[], None).await.unwrap().is_some()
}

/// Nothing that happens in one of these stores shows in the other.
async fn know_nothing_of_each_other<S: Store>([one, other]: [S; 2]) {
    let later = Some(SystemTime::now() + Duration::from_secs(90));
    let guard = begin(&one, 1, "ada").await;
    assert!(!has_it(&other).await);
    assert_eq!(other.commit(ID, &change(Guard::Any), None).await.unwrap(), Outcome::Gone);
    assert_eq!(other.destroy(ID, Guard::Any, None).await.unwrap(), Ending::Gone);
    assert_eq!(other.find("user", "ada", None).await.unwrap(), []);
    assert_eq!(other.sweep(10, later).await.unwrap(), []);

    let others = begin(&other, 2, "bea").await;
    assert_eq!(other.commit(ID, &change(guard), None).await.unwrap(), Outcome::Gone, "it has another secret there");
    assert_eq!(one.find("user", "bea", None).await.unwrap(), []);
    assert_eq!(one.find("user", "ada", None).await.unwrap(), [ID]);
    assert_eq!(one.destroy(ID, guard, None).await.unwrap(), Ending::Destroyed);
    assert!(has_it(&other).await);
    assert_eq!(other.find("user", "bea", None).await.unwrap(), [ID]);
    assert!(matches!(other.commit(ID, &change(others), None).await.unwrap(), Outcome::Applied { .. }));
    assert_eq!(one.sweep(10, later).await.unwrap(), [], "what it had was destroyed");
    assert_eq!(other.sweep(10, later).await.unwrap().len(), 1);
}

#[tokio::test]
async fn in_sqlite_stores_with_other_names_know_nothing_of_each_other() {
    let dir = tempfile::tempdir().unwrap();
    let open = async |names: &TableNames| SqliteStore::open_named(dir.path().join("shop.db"), names).await.unwrap();
    know_nothing_of_each_other([open(&TableNames::new()).await, open(&prefixed("shop_")).await]).await;
    know_nothing_of_each_other([open(&prefixed("shop_session_")).await, open(&prefixed("_")).await]).await;
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn in_postgres_stores_with_other_names_know_nothing_of_each_other() {
    let (server, schema) = (PostgresServer::shared().await, fresh_schema());
    let names = |prefix| prefixed(prefix).in_schema(&schema).unwrap();
    let open = async |names: &TableNames| PostgresStore::open_named(&server.url(), names).await.unwrap();
    know_nothing_of_each_other([open(&names("")).await, open(&names("shop_")).await]).await;
    // The first is what the server calls the type of an array of the other's rows.
    know_nothing_of_each_other([open(&names("_")).await, open(&names("shop_session_")).await]).await;
    let elsewhere = prefixed("shop_").in_schema(&fresh_schema()).unwrap();
    know_nothing_of_each_other([open(&elsewhere).await, open(&names("shop_")).await]).await;
    let [one, other] = longest();
    know_nothing_of_each_other([open(&one).await, open(&other).await]).await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn in_mariadb_stores_with_other_names_know_nothing_of_each_other() {
    let server = MariaDbServer::shared().await;
    let url = server.database(&fresh_schema()).await;
    let open = async |names: &TableNames| MySqlStore::open_named(&url, names).await.unwrap();
    know_nothing_of_each_other([open(&TableNames::new()).await, open(&prefixed("shop_")).await]).await;
    know_nothing_of_each_other([open(&prefixed("_")).await, open(&prefixed("shop_session_")).await]).await;
    let elsewhere = prefixed("shop_").in_schema(&fresh_schema()).unwrap();
    know_nothing_of_each_other([open(&elsewhere).await, open(&prefixed("shop_")).await]).await;
    let [one, other] = longest();
    know_nothing_of_each_other([open(&one).await, open(&other).await]).await;
}

/// All that there is now in the place of a migration has the prefix, and the store finds it; another one finds nothing.
async fn finds_what_was_migrated<S: Store>(
    migrated: Result<S, StoreError>,
    other: Result<S, StoreError>,
    made: Vec<String>,
) {
    assert!(made.len() > 4 && made.iter().all(|name| name.starts_with("shop_session_")), "{made:?}");
    let store = migrated.unwrap();
    let guard = begin(&store, 1, "ada").await;
    assert_eq!(store.find("user", "ada", None).await.unwrap(), [ID]);
    assert_eq!(store.destroy(ID, guard, None).await.unwrap(), Ending::Destroyed);
    let Err(missing) = other else { panic!("there are no such tables") };
    assert!(told(&missing).contains("schema missing: there is no"), "{}", told(&missing));
}

#[tokio::test]
async fn in_sqlite_exported_sql_has_the_names() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(dir.path().join("shop.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let names = prefixed("shop_");
    sqlx::raw_sql(AssertSqlSafe(SqliteStore::schema_sql(&names).unwrap())).execute(&pool).await.unwrap();
    let made = "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'";
    let made = sqlx::query_scalar(made).fetch_all(&pool).await.unwrap();
    let migrated = SqliteStore::from_migrated_pool(pool.clone(), &names).await;
    finds_what_was_migrated(migrated, SqliteStore::from_migrated_pool(pool, &prefixed("sho_")).await, made).await;
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn in_postgres_exported_sql_has_the_names() {
    let (server, schema) = (PostgresServer::shared().await, fresh_schema());
    let pool = PgPool::connect(&server.url()).await.unwrap();
    let names = |prefix| prefixed(prefix).in_schema(&schema).unwrap();
    sqlx::raw_sql(AssertSqlSafe(PostgresStore::schema_sql(&names("shop_")))).execute(&pool).await.unwrap();
    let made = "SELECT relname::text FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind <> 't'
                UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = $1::regnamespace";
    let made = sqlx::query_scalar::<Postgres, _>(made).bind(&schema).fetch_all(&pool).await.unwrap();
    let migrated = PostgresStore::from_migrated_pool(pool.clone(), &names("shop_")).await;
    finds_what_was_migrated(migrated, PostgresStore::from_migrated_pool(pool, &names("")).await, made).await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn in_mariadb_exported_sql_has_the_names() {
    let (server, database) = (MariaDbServer::shared().await, fresh_schema());
    let pool = MySqlPool::connect(&server.url()).await.unwrap();
    let names = |prefix| prefixed(prefix).in_schema(&database).unwrap();
    for _ in 0..2 {
        // A second time does no harm.
        sqlx::raw_sql(AssertSqlSafe(MySqlStore::schema_sql(&names("shop_")))).execute(&pool).await.unwrap();
    }
    let made = "SELECT table_name FROM information_schema.tables WHERE table_schema = ?
                UNION ALL SELECT routine_name FROM information_schema.routines WHERE routine_schema = ?";
    let made = sqlx::query_scalar::<MySql, _>(made).bind(&database).bind(&database).fetch_all(&pool).await.unwrap();
    let migrated = MySqlStore::from_migrated_pool(pool.clone(), &names("shop_")).await;
    finds_what_was_migrated(migrated, MySqlStore::from_migrated_pool(pool, &names("")).await, made).await;
}

/// Each prefix has its own version: one of a later program's keeps nobody else from beginning.
#[tokio::test]
async fn a_later_version_behind_one_prefix_keeps_no_other_from_being_made() {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new().filename(dir.path().join("shop.db")).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    SqliteStore::from_pool_named(pool.clone(), &prefixed("shop_")).await.unwrap();
    sqlx::raw_sql("UPDATE shop_session_schema SET version = 2").execute(&pool).await.unwrap();
    let newer =
        SqliteStore::from_pool_named(pool.clone(), &prefixed("shop_")).await.expect_err("it is a later version's");
    assert!(told(&newer).contains("its session tables have version 2; this program knows 1: update it"));
    SqliteStore::from_migrated_pool(pool.clone(), &prefixed("shop_")).await.expect_err("it is a later version's");
    SqliteStore::from_pool(pool).await.unwrap();
}

#[tokio::test]
async fn what_could_be_sql_is_no_name() {
    let bad = "a\"; DROP TABLE users; --";
    assert_eq!(TableNames::new().with_prefix(bad), Err(TableNameError::Prefix(bad.into())));
    let refused = TableNames::new().in_schema(bad).expect_err("that is no name");
    assert!(refused.to_string().ends_with("use up to 63 ASCII letters, digits and underscores, the first no digit"));
}

#[tokio::test]
async fn sqlite_says_that_it_has_no_schemas() {
    let names = TableNames::new().in_schema("sessions").unwrap();
    let refused = SqliteStore::open_named(":memory:", &names).await.expect_err("it has no schemas");
    assert_eq!(refused.to_string(), "SqliteStore failed to name its tables");
    assert!(told(&refused).contains("leave out `in_schema`"), "{}", told(&refused));
    SqliteStore::schema_sql(&names).expect_err("it has no schemas");
}
