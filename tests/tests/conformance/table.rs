//! Every guarantee on every store, as a table to be read: the one in `docs/stores.md`.

use std::any::Any;
use std::fmt::Write as _;
use std::pin::Pin;
use std::sync::Arc;

use session_runtime::testing::conformance::GUARANTEES;
use session_tests::{S3Server, TestStore, fresh_schema};

/// A store, and what must live as long as it.
type Made = (TestStore, Box<dyn Any + Send>);

type Make = fn() -> Pin<Box<dyn Future<Output = Made> + Send>>;

const STORES: [(&str, bool, Make); 7] = [
    ("memory", true, || made(session_tests::memory())),
    ("SQLite", true, || made(session_tests::sqlite())),
    ("files", true, || made(session_tests::objects())),
    ("PostgreSQL", cfg!(has_postgres), || made(session_tests::postgres())),
    ("MariaDB", cfg!(has_mariadb), || made(session_tests::mysql())),
    ("Redis", cfg!(has_redis), || made(session_tests::redis())),
    ("SeaweedFS, by S3", cfg!(has_seaweedfs), || made(objects_in_s3())),
];

fn made<K: Send + 'static>(
    store: impl Future<Output = (TestStore, K)> + Send + 'static,
) -> Pin<Box<dyn Future<Output = Made> + Send>> {
    Box::pin(async {
        let (store, kept) = store.await;
        (store, Box::new(kept) as Box<dyn Any + Send>)
    })
}

async fn objects_in_s3() -> (TestStore, Arc<S3Server>) {
    let server = S3Server::shared().await;
    (Arc::new(server.store(&fresh_schema()).await), server)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "asks all that the other tests ask again, to print it as a table"]
async fn table() {
    // One for all of it: it takes seconds to start.
    let _shared = if cfg!(has_seaweedfs) { Some(S3Server::shared().await) } else { None };
    let mut table = "| guarantee |".to_owned();
    STORES.iter().for_each(|(name, ..)| write!(table, " {name} |").unwrap());
    table += "\n| --- |";
    STORES.iter().for_each(|_| table += " --- |");
    let mut broken = Vec::new();
    for guarantee in GUARANTEES {
        write!(table, "\n| {} |", guarantee.name().replace('_', " ")).unwrap();
        for (name, is_here, make) in STORES {
            let holds = is_here && {
                let (store, _kept) = make().await;
                tokio::spawn(guarantee.check(store)).await.is_ok()
            };
            table += match (is_here, holds) {
                (false, _) => " not installed |",
                (true, true) => " yes |",
                (true, false) => " **no** |",
            };
            if is_here && !holds {
                broken.push((name, guarantee.name()));
            }
        }
    }
    println!("{table}");
    assert_eq!(broken, []);
}
