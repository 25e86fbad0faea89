//! A run: workers in this process and in others, their operations in one history.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use session_runtime::testing::FaultyStore;
use session_runtime::{SessionManager, Store};
use session_tests::history::{Kept, Kind, Line, Log as _, Operation, Slots, Witness, Worker};

use crate::judge::Verdict;

/// How many sessions are worked on at once.
const SLOTS: usize = 3;

/// How many workers each node has.
const WORKERS: u64 = 3;

/// How many calls are made before what they did is checked. Then other sessions are worked on.
const ROUND: u64 = 20_000;

/// Where the stores of other processes are.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) kind: Kind,
    pub(crate) address: String,
    /// How many processes there are beside this one.
    pub(crate) processes: u64,
    /// One of them is killed in the middle of its work.
    pub(crate) kill: bool,
}

/// What is to be done.
pub(crate) struct Run {
    pub(crate) name: &'static str,
    /// The stores of this process's nodes; all of the same sessions.
    pub(crate) nodes: Vec<Arc<dyn Store>>,
    pub(crate) shared: Option<Shared>,
    /// Requests and answers are lost and delayed.
    pub(crate) losses: bool,
}

/// How many calls are made: `otherwise`, unless `SESSION_TESTS_OPERATIONS` says a number.
pub(crate) fn calls(otherwise: u64) -> u64 {
    std::env::var("SESSION_TESTS_OPERATIONS").map_or(otherwise, |calls| calls.parse().unwrap())
}

/// What the choices depend on: another each time, unless `SESSION_TESTS_SEED` says which.
pub(crate) fn seed() -> u64 {
    std::env::var("SESSION_TESTS_SEED").map_or_else(|_| fastrand::u64(..1 << 40), |seed| seed.parse().unwrap())
}

impl Run {
    /// Makes so many calls and checks them. Ends sooner where something is wrong.
    pub(crate) async fn check(&self, calls: u64) -> Verdict {
        let (seed, began) = (seed(), Instant::now());
        let (mut verdict, mut made, mut round) = (Verdict::default(), 0, 0);
        while made < calls && verdict.violations.is_empty() && verdict.twice.is_empty() {
            let (history, calls) = self.round(seed + round * 1_000_000, ROUND.min(calls - made)).await;
            verdict.add(tokio::task::spawn_blocking(move || Verdict::of(&history)).await.unwrap());
            made += calls;
            round += 1;
        }
        println!(
            "{}: seed {seed}, {made} calls, {} operations ({} of unknown outcome) on {} sessions in {:.1} s; \
             {} registers not linearizable, {} only with a write that was done twice",
            self.name,
            verdict.operations,
            verdict.unknown,
            verdict.sessions,
            began.elapsed().as_secs_f64(),
            verdict.violations.len(),
            verdict.twice.len(),
        );
        verdict
    }

    async fn round(&self, seed: u64, calls: u64) -> (Vec<Operation>, u64) {
        let others: Arc<Mutex<Vec<ChildStdin>>> = Arc::default();
        let to = Arc::clone(&others);
        let slots = Arc::new(Slots::new(SLOTS, move |slot, token| tell(&to, &Line::Slot(slot, token.to_string()))));
        let (log, made) = (Arc::new(Kept::default()), Arc::new(AtomicU64::new(0)));
        let processes = self.shared.as_ref().map_or(0, |shared| shared.processes);
        let share = calls / (processes + 1) + 1;
        let mut readers = Vec::new();
        for process in 1..=processes {
            let shared = self.shared.as_ref().unwrap();
            let (child, input, output) = self.spawn(shared, process, seed, share);
            others.lock().unwrap().push(input);
            let (log, slots, kill) = (Arc::clone(&log), Arc::clone(&slots), shared.kill && process == 1);
            let kill = kill.then(|| share * 2 / 3);
            readers.push(std::thread::spawn(move || read(child, output, &log, &slots, kill)));
        }
        let workers: Vec<_> = (0..self.nodes.len() as u64 * WORKERS)
            .map(|number| tokio::spawn(self.worker(number, seed, &slots, &log, &made).run(share)))
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        let mut made = made.load(Ordering::Relaxed);
        for reader in readers {
            made += tokio::task::spawn_blocking(|| reader.join().unwrap()).await.unwrap();
        }
        (log.take(), made)
    }

    fn worker(&self, number: u64, seed: u64, slots: &Arc<Slots>, log: &Arc<Kept>, made: &Arc<AtomicU64>) -> Worker {
        let node = usize::try_from(number).unwrap() % self.nodes.len();
        let store = FaultyStore::new(Arc::clone(&self.nodes[node]));
        Worker {
            number,
            sessions: SessionManager::new(Witness(store.clone())),
            faults: self.losses.then_some(store),
            slots: Arc::clone(slots),
            log: Arc::clone(log) as Arc<_>,
            random: fastrand::Rng::with_seed(seed + number),
            numbered: AtomicU64::new(0),
            calls: Arc::clone(made),
        }
    }

    fn spawn(&self, shared: &Shared, process: u64, seed: u64, calls: u64) -> (Child, ChildStdin, ChildStdout) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_worker"))
            .args([shared.kind.to_string(), shared.address.clone()])
            .args(
                [process, seed, WORKERS, SLOTS as u64, calls, u64::from(self.losses)].map(|number| number.to_string()),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        (child, input, output)
    }
}

/// Tells all other processes.
fn tell(others: &Mutex<Vec<ChildStdin>>, line: &Line) {
    for other in &mut *others.lock().unwrap() {
        // It may have ended, or been killed.
        let _ = other.write_all(line.text().as_bytes());
    }
}

/// Takes in what a process tells until it ends, and kills it after so many calls, if it is to be killed. Says how many calls it
/// made.
fn read(mut child: Child, output: ChildStdout, log: &Kept, slots: &Slots, kill: Option<u64>) -> u64 {
    let (mut made, mut done, mut under_way) = (0, false, std::collections::HashMap::new());
    for line in BufReader::new(output).lines().map_while(Result::ok) {
        match Line::parse(&line) {
            Some(Line::Begin(call, intents)) => drop(under_way.insert(call, intents)),
            Some(Line::End(call, operations)) => {
                under_way.remove(&call);
                made += u64::from(!operations.is_empty());
                log.end(call, operations);
            }
            Some(Line::Slot(slot, token)) => slots.share(slot, token.parse().unwrap()),
            Some(Line::Done(calls)) => (made, done) = (calls, true),
            None => {}
        }
        if kill.is_some_and(|kill| made >= kill) {
            child.kill().unwrap();
        }
    }
    let status = child.wait().unwrap();
    assert!(done && status.success() || kill.is_some(), "a process failed: {status}");
    // What was under way when it was killed may have been done.
    under_way.into_iter().for_each(|(call, intents)| log.end(call, intents));
    made
}

/// Does this to a server over and over while the run goes on, with pauses in between.
pub(crate) async fn disturbed(run: &Run, calls: u64, mut disturb: impl AsyncFnMut()) -> Verdict {
    let checking = run.check(calls);
    tokio::pin!(checking);
    let mut times = 0;
    let disturbing = async {
        loop {
            times += 1;
            tokio::time::sleep(Duration::from_millis(fastrand::u64(200..1000))).await;
            disturb().await;
        }
    };
    let verdict = tokio::select! {
        verdict = &mut checking => verdict,
        () = disturbing => unreachable!("it goes on for ever"),
    };
    println!("{}: disturbed {times} times", run.name);
    verdict
}
