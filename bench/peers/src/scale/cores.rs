//! Sessions in memory, used by one thread and by two.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use session_runtime::{MemoryStore, SessionManager, Token};

use super::table;
use crate::apps::ours::eager::Shop;
use crate::statistics::median;
use crate::table::{figure, thousands};

/// How often each is measured; the median counts.
const PASSES: usize = 5;
const TIME: Duration = Duration::from_secs(1);
const SESSIONS: usize = 10_000;

/// Measures and prints.
pub(super) fn print() {
    let sessions = Arc::new(SessionManager::<Shop>::new(MemoryStore::new()));
    let tokens = block_on(begin(&sessions));
    let passes = (0..PASSES).map(|_| (per_second(&sessions, &tokens, 1), per_second(&sessions, &tokens, 2)));
    let (one, two): (Vec<_>, Vec<_>) = passes.unzip();
    let (one, two) = (median(one), median(two));
    let mut table = table(&["", "one thread", "two threads", "ratio"]);
    table.line(&["open, read, set: per second".to_owned(), thousands(one), thousands(two), figure(two / one)]);
    table.print("Sessions in memory, by threads");
}

async fn begin(sessions: &SessionManager<Shop>) -> Vec<Token> {
    let mut tokens = Vec::new();
    for _ in 0..SESSIONS {
        let session = sessions.start();
        session.set_counter(1).await.expect("memory");
        tokens.push(session.token().expect("a token"));
    }
    tokens
}

/// How many times that many threads together open a session, read its counter and set it, in a second.
fn per_second(sessions: &Arc<SessionManager<Shop>>, tokens: &[Token], threads: usize) -> f64 {
    let until = Instant::now() + TIME;
    let counts = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || block_on(use_until(sessions, tokens, thread, until))))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("a thread")).sum::<u64>()
    });
    counts as f64 / TIME.as_secs_f64()
}

async fn use_until(sessions: &SessionManager<Shop>, tokens: &[Token], thread: usize, until: Instant) -> u64 {
    let mut count = 0;
    for token in tokens.iter().cycle().skip(thread * SESSIONS / 2) {
        let session = sessions.open(token).await.expect("memory").expect("the session lives");
        let counter = session.counter().await.expect("memory");
        session.set_counter(counter + 1).await.expect("memory");
        count += 1;
        if count % 64 == 0 && Instant::now() >= until {
            break;
        }
    }
    count
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}
