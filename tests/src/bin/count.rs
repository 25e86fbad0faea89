//! One of several processes that count in one session: `count DATABASE TOKEN UPDATES`, or the folder of an object store.
#![allow(clippy::unwrap_used, reason = "the test sees that this process failed")]

use std::path::PathBuf;
use std::sync::Arc;

use session_runtime::{ObjectStore, SessionManager, SqliteStore, Store, Token};
use session_tests::Shop;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let place: PathBuf = args.next().unwrap().into();
    let token: Token = args.next().unwrap().parse().unwrap();
    let updates: usize = args.next().unwrap().parse().unwrap();
    let store: Arc<dyn Store> = match place.is_dir() {
        true => Arc::new(ObjectStore::open(place).await.unwrap()),
        false => Arc::new(SqliteStore::open(place).await.unwrap()),
    };
    let sessions = SessionManager::<Shop>::new(store);
    // All at once, each on a handle of its own, as requests are.
    let tasks: Vec<_> = (0..updates)
        .map(|_| {
            let sessions = sessions.clone();
            tokio::spawn(async move {
                let session = sessions.open(&token).await.unwrap().unwrap();
                session.update_count(|count| *count += 1).await.unwrap();
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}
