//! One of several processes that work on the same sessions: `worker STORE ADDRESS NUMBER SEED WORKERS SLOTS CALLS FAULTS`. Tells
//! what it does on standard output and is told of tokens on standard input.
#![allow(clippy::unwrap_used, reason = "the test sees that this process failed")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use session_runtime::SessionManager;
use session_runtime::testing::FaultyStore;
use session_tests::history::{Line, Slots, Told, Witness, Worker, open};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let numbers: Vec<u64> = args[2..].iter().map(|number| number.parse().unwrap()).collect();
    let [number, seed, workers, slots, calls, faults] = numbers[..] else { panic!("{numbers:?}") };
    let store = FaultyStore::new(open(args[0].parse().unwrap(), &args[1]).await);
    let sessions = SessionManager::new(Witness(store.clone()));
    let tell = |slot, token: session_runtime::Token| Told::tell(&Line::Slot(slot, token.to_string()));
    let slots = Arc::new(Slots::new(usize::try_from(slots).unwrap(), tell));
    listen(Arc::clone(&slots));
    let made = Arc::new(AtomicU64::new(0));
    let workers: Vec<_> = (0..workers)
        .map(|worker| {
            let number = number * 1000 + worker;
            let worker = Worker {
                number,
                sessions: sessions.clone(),
                faults: (faults > 0).then(|| store.clone()),
                slots: Arc::clone(&slots),
                log: Arc::new(Told),
                random: fastrand::Rng::with_seed(seed + number),
                numbered: AtomicU64::new(0),
                calls: Arc::clone(&made),
            };
            tokio::spawn(worker.run(calls))
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
    Told::tell(&Line::Done(made.load(Ordering::Relaxed)));
    // The thread that listens would keep it.
    std::process::exit(0);
}

/// Takes in what the others tell.
fn listen(slots: Arc<Slots>) {
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if let Some(Line::Slot(slot, token)) = Line::parse(&line) {
                slots.learn(slot, token.parse().unwrap());
            }
        }
    });
}
