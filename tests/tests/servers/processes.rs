//! Processes that share what is on one machine's disk, and die in the middle of commits.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use session_runtime::{ObjectStore, SessionManager, SqliteStore, Store, Token};
use session_tests::Shop;

use crate::common::*;

/// How many commits are acknowledged before the process may die.
const AT_LEAST: usize = 8;

#[tokio::test]
async fn what_a_process_acknowledged_survives_its_death_in_files() {
    let dir = tempfile::tempdir().unwrap();
    survives_deaths_of_processes(ObjectStore::open(dir.path()).await.unwrap(), dir.path()).await;
}

#[tokio::test]
async fn what_a_process_acknowledged_survives_its_death_in_sqlite() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sessions.db");
    survives_deaths_of_processes(SqliteStore::open(&path).await.unwrap(), &path).await;
}

/// Four sessions count up in a process that is killed (`kill -9`), again and again. What was acknowledged is there, and at most
/// one more; and the dead process is in nobody's way.
async fn survives_deaths_of_processes(store: impl Store, path: &Path) {
    let sessions = SessionManager::<Shop>::new(store);
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push((begun(&sessions).await, 1));
    }
    let mut acknowledged = 0;
    for death in 0..deaths() {
        let tokens: Vec<_> = held.iter().map(|(token, _)| *token).collect();
        // Not at the same step of a commit each time.
        let said = count_up_for(path, &tokens, Duration::from_micros(u64::from(5_000 + death * 977 % 5_000)));
        for (position, (token, count)) in held.iter_mut().enumerate() {
            let last = said.iter().rfind(|(of, _)| *of == position).map_or(*count, |(_, count)| *count);
            let session = sessions.open(token).await.unwrap().expect("the session survives");
            let found = session.count().await.unwrap();
            assert!(found == last || found == last + 1, "{last} was acknowledged, {found} is there");
            session.set_count(found).await.unwrap();
            acknowledged += last - *count;
            *count = found;
        }
    }
    println!("{} deaths, {acknowledged} commits acknowledged", deaths());
}

/// What a process says that counts up in these sessions, until it is killed so long after its first words.
fn count_up_for(path: &Path, tokens: &[Token], time: Duration) -> Vec<(usize, u64)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_count_up"));
    command.arg(path).args(tokens.iter().map(Token::to_string)).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut process = command.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    // However slow the disk is.
    let first: Vec<_> = lines.by_ref().take(AT_LEAST).collect();
    std::thread::sleep(time);
    process.kill().unwrap();
    process.wait().unwrap();
    let said = |line: String| {
        let (position, count) = line.split_once(' ').unwrap();
        (position.parse().unwrap(), count.parse().unwrap())
    };
    first.into_iter().chain(lines).map(said).collect()
}
