//! How long requests to a store wait, several at a time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use session_runtime::record::{Basis, ChangeSet, Create, Epoch, Expiry, Guard, Outcome, Revision, Select, SetField};
use session_runtime::{SecretHash, SessionId, Store};

/// How many at a time.
const AT_ONCE: u64 = 16;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What all sessions' secrets have as their hash.
const HASH: SecretHash = SecretHash::from_bytes([7; 32]);

/// How long requests of each kind have waited.
#[derive(Default)]
pub(super) struct Waits {
    pub(super) loads: Vec<Duration>,
    pub(super) sets: Vec<Duration>,
}

impl Waits {
    /// The wait that so many hundredths of them did not exceed.
    pub(super) fn percentile(waits: &mut [Duration], hundredths: usize) -> Duration {
        waits.sort_unstable();
        waits.get((waits.len() * hundredths / 100).min(waits.len().saturating_sub(1))).copied().unwrap_or_default()
    }
}

/// A store, and the time that it is told; `None` where its own decides.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) store: Arc<dyn Store>,
    pub(super) now: Option<SystemTime>,
}

impl Asked {
    /// Begins the sessions with these numbers: a user, a counter and a note of 100 bytes each.
    pub(super) async fn fill(&self, numbers: std::ops::Range<u64>, idle: Duration) {
        let each = (numbers.end - numbers.start).div_ceil(AT_ONCE);
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|task| {
                let (asked, from) = (self.clone(), numbers.start + task * each);
                let to = (from + each).min(numbers.end);
                tokio::spawn(async move {
                    for number in from..to {
                        asked.begin(number, idle).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("the sessions begin");
        }
    }

    async fn begin(&self, number: u64, idle: Duration) {
        let create = Create { secret_hash: HASH, epoch: Epoch::random(), idle, absolute: 30 * DAY };
        let mut begins = ChangeSet::new(Basis::Create(create));
        begins.set = vec![field("user", &[1; 9]), field("counter", &[2; 9]), field("note", &[3; 100])];
        let outcome = self.store.commit(id(number), &begins, self.now).await.expect("the store works");
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }

    /// Asks for sessions of these numbers, any of them, until it is told to stop: three loads, then a set.
    pub(super) async fn ask(&self, numbers: std::ops::Range<u64>, stop: &Arc<AtomicBool>) -> Waits {
        let tasks: Vec<_> = (0..AT_ONCE)
            .map(|task| {
                let (asked, numbers, stop) = (self.clone(), numbers.clone(), Arc::clone(stop));
                tokio::spawn(async move { asked.ask_one_by_one(numbers, task, &stop).await })
            })
            .collect();
        let mut all = Waits::default();
        for task in tasks {
            let Waits { loads, sets } = task.await.expect("the store works");
            all.loads.extend(loads);
            all.sets.extend(sets);
        }
        all
    }

    /// The same for that long.
    pub(super) async fn ask_for(&self, numbers: std::ops::Range<u64>, time: Duration) -> Waits {
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        tokio::spawn(async move {
            tokio::time::sleep(time).await;
            told.store(true, Relaxed);
        });
        self.ask(numbers, &stop).await
    }

    async fn ask_one_by_one(&self, numbers: std::ops::Range<u64>, seed: u64, stop: &AtomicBool) -> Waits {
        let mut waits = Waits::default();
        let mut random = seed + 1;
        while !stop.load(Relaxed) {
            // A linear congruential generator, by Knuth's constants: any order that is none will do.
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let number = numbers.start + (random >> 33) % (numbers.end - numbers.start);
            // Sessions in memory make nobody wait: so the others have their turns.
            tokio::task::yield_now().await;
            let begun = Instant::now();
            if waits.loads.len() < 3 * (waits.sets.len() + 1) {
                self.load(number).await;
                waits.loads.push(begun.elapsed());
            } else {
                self.set(number).await;
                waits.sets.push(begun.elapsed());
            }
        }
        waits
    }

    async fn load(&self, number: u64) {
        let select = ["counter", "note", "user"].map(|key| Select { key, value: true });
        let found = self.store.load(id(number), &select, self.now).await.expect("the store works");
        assert!(found.is_some_and(|record| record.fields.iter().all(Option::is_some)), "it lives");
    }

    async fn set(&self, number: u64) {
        let mut set = ChangeSet::new(Basis::Guard(Guard::Secret(HASH)));
        set.set = vec![field("counter", &[4; 9])];
        let outcome = self.store.commit(id(number), &set, self.now).await.expect("the store works");
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }
}

/// Sessions' IDs are random: so they are spread here.
fn id(number: u64) -> SessionId {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
    bytes[8..].copy_from_slice(&number.to_be_bytes());
    SessionId::from_bytes(bytes)
}

fn field(key: &'static str, value: &[u8]) -> SetField {
    SetField { key, value: Some(value.into()), revision: Revision::random(), expiry: Expiry::Never }
}
