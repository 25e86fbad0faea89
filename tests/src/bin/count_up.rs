//! A process that is to die in the middle of commits: `count_up PATH TOKEN...` counts up in each session at the same time, and
//! says `POSITION COUNT` when that was acknowledged.
#![allow(clippy::unwrap_used, reason = "the test sees that this process failed")]

use std::io::Write as _;

use session_runtime::{SessionManager, Token};
use session_tests::{Shop, on_disk};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    let sessions = SessionManager::<Shop>::new(on_disk(args.next().unwrap().as_ref()).await);
    let tokens = args.map(|token| token.parse::<Token>().unwrap());
    let tasks: Vec<_> = tokens.enumerate().map(|held| tokio::spawn(count_up(sessions.clone(), held))).collect();
    for task in tasks {
        task.await.unwrap();
    }
}

async fn count_up(sessions: SessionManager<Shop>, (position, token): (usize, Token)) {
    let session = sessions.open(&token).await.unwrap().unwrap();
    let mut count = session.count().await.unwrap();
    loop {
        count += 1;
        session.set_count(count).await.unwrap();
        // In one piece, and at once: what was said is not lost with the process.
        std::io::stdout().write_all(format!("{position} {count}\n").as_bytes()).unwrap();
        std::io::stdout().flush().unwrap();
    }
}
