//! Stores that several nodes share: each opens its own.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use session_runtime::{MySqlStore, ObjectStore, PostgresStore, RedisStore, SqliteStore, StoreError};

use crate::TestStore;

/// How long an operation may take: short, for servers are frozen.
const TIMEOUT: Duration = Duration::from_millis(500);

/// A store that several processes can share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// At a file.
    Sqlite,
    /// Objects in files, in a folder.
    Objects,
    /// At a URL, as the others.
    Redis,
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    MySql,
}

const NAMES: [(Kind, &str); 5] = [
    (Kind::Sqlite, "sqlite"),
    (Kind::Objects, "objects"),
    (Kind::Redis, "redis"),
    (Kind::Postgres, "postgres"),
    (Kind::MySql, "mysql"),
];

impl FromStr for Kind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        known.map(|(kind, _)| *kind).ok_or_else(|| format!("no store is called {name}"))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, name) = NAMES.iter().find(|(kind, _)| kind == self).ok_or(fmt::Error)?;
        f.write_str(name)
    }
}

/// A store of this kind, on connections of its own. Its server may be dead or frozen: then it waits until that is over.
pub async fn open(kind: Kind, address: &str) -> TestStore {
    let started = Instant::now();
    loop {
        match opened(kind, address).await {
            Ok(store) => return store,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(30), "{error:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn opened(kind: Kind, address: &str) -> Result<TestStore, StoreError> {
    Ok(match kind {
        Kind::Sqlite => Arc::new(SqliteStore::open(address).await?),
        Kind::Objects => Arc::new(ObjectStore::open(address).await?),
        Kind::Redis => Arc::new(RedisStore::open(address).await?.with_timeout(TIMEOUT)),
        Kind::Postgres => Arc::new(PostgresStore::open(address).await?.with_timeout(TIMEOUT)),
        Kind::MySql => Arc::new(MySqlStore::open(address).await?.with_timeout(TIMEOUT)),
    })
}
