//! Every guarantee on every store, as a table to be read: the one in `docs/stores.md`.

use std::fmt::Write as _;
use std::pin::Pin;

use session_runtime::testing::conformance::GUARANTEES;
use session_tests::{Kept, TestStore};

type Make = fn() -> Pin<Box<dyn Future<Output = (TestStore, Kept)> + Send>>;

const STORES: [(&str, bool, Make); 6] = [
    ("memory", true, || Box::pin(session_tests::memory())),
    ("SQLite", true, || Box::pin(session_tests::sqlite())),
    ("files", true, || Box::pin(session_tests::objects())),
    ("PostgreSQL", cfg!(has_postgres), || Box::pin(session_tests::postgres())),
    ("MariaDB", cfg!(has_mariadb), || Box::pin(session_tests::mysql())),
    ("Redis", cfg!(has_redis), || Box::pin(session_tests::redis())),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "asks all that the other tests ask again, to print it as a table"]
async fn table() {
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
