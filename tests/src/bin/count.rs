//! One of several processes that count in one session: `count DATABASE TOKEN UPDATES`, or the folder of an object store.
#![allow(clippy::unwrap_used, reason = "the test sees that this process failed")]

use session_runtime::{SessionManager, Token};
use session_tests::{Shop, on_disk};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let sessions = SessionManager::<Shop>::new(on_disk(args.next().unwrap().as_ref()).await);
    let token: Token = args.next().unwrap().parse().unwrap();
    let updates: usize = args.next().unwrap().parse().unwrap();
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
