//! One of several processes that count in one session: `count FILE TOKEN UPDATES`.
#![allow(clippy::unwrap_used, reason = "the test sees that this process failed")]

use session_runtime::{SessionManager, SqliteStore, Token};
use session_tests::Shop;

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap();
    let token: Token = args.next().unwrap().parse().unwrap();
    let updates: usize = args.next().unwrap().parse().unwrap();
    let sessions = SessionManager::<Shop>::new(SqliteStore::open(file).await.unwrap());
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
