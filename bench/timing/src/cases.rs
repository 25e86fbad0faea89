//! What is measured.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_runtime::record::{Epoch, Meta, Previous, PreviousKind};
use session_runtime::{MemoryStore, SecretHash, SessionData, SessionManager, Token};

use crate::statistics::{Verdict, compare};

/// Samples whose inputs are made before the first of them is measured, so that making them is no part of the time.
const BATCH: usize = 10_000;

/// Tells of each input how long it took, in nanoseconds.
type Sample = dyn Fn(&[Input]) -> Vec<f64>;

/// A way to refuse a wrong secret.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// The bytes that are wrong in the class that is compared with byte 0.
    pub(crate) positions: &'static [usize],
    sample: Box<Sample>,
}

/// The byte that is wrong, and in which way.
struct Input {
    position: usize,
    flipped: u8,
}

impl Case {
    /// `refuse` gets what `make` made of an input, so many times in a row for one sample.
    fn new<I: 'static>(
        name: &'static str,
        positions: &'static [usize],
        repeats: u32,
        make: impl Fn(&Input) -> I + 'static,
        refuse: impl Fn(&I) -> bool + 'static,
    ) -> Self {
        let sample = move |inputs: &[Input]| {
            let inputs: Vec<_> = inputs.iter().map(&make).collect();
            let time = |input| {
                let start = Instant::now();
                for _ in 0..repeats {
                    assert!(!black_box(refuse(black_box(input))), "nothing wrong is let in");
                }
                start.elapsed().as_nanos() as f64 / f64::from(repeats)
            };
            inputs.iter().map(time).collect()
        };
        Self { name, positions, sample: Box::new(sample) }
    }

    /// Measures secrets that are wrong in byte 0 and such that are wrong in this byte, in one random order.
    pub(crate) fn measure(&self, position: usize, samples: usize) -> Verdict {
        let mut measured = Vec::with_capacity(samples);
        while measured.len() < samples {
            let classes: Vec<_> = (0..BATCH).map(|_| fastrand::bool()).collect();
            let input =
                |class: &bool| Input { position: if *class { position } else { 0 }, flipped: fastrand::u8(1..) };
            let inputs: Vec<_> = classes.iter().map(input).collect();
            measured.extend(classes.into_iter().zip((self.sample)(&inputs)));
        }
        compare(&measured)
    }
}

const IN_A_HASH: &[usize] = &[1, 8, 16, 31];
const IN_A_SECRET: &[usize] = &[1, 8, 15];

/// The stored hash, with a byte changed.
fn wrong(stored: [u8; 32], input: &Input) -> [u8; 32] {
    let mut wrong = stored;
    wrong[input.position] ^= input.flipped;
    wrong
}

fn stored() -> [u8; 32] {
    let mut bytes = [0; 32];
    fastrand::fill(&mut bytes);
    bytes
}

/// The control.
pub(crate) fn stops_at_the_first_wrong_byte() -> Case {
    let stored = stored();
    let refuse = move |wrong: &[u8; 32]| {
        for at in 0..32 {
            if black_box(wrong[at]) != black_box(stored[at]) {
                return false;
            }
        }
        true
    };
    Case::new("control: stops at the first wrong byte", IN_A_HASH, 32, move |input| wrong(stored, input), refuse)
}

pub(crate) fn secret_hash() -> Case {
    let stored = stored();
    let held = SecretHash::from_bytes(stored);
    let make = move |input: &Input| SecretHash::from_bytes(wrong(stored, input));
    Case::new("SecretHash ==", IN_A_HASH, 32, make, move |hash| *hash == held)
}

pub(crate) fn access() -> Case {
    access_to("Meta::access", None)
}

pub(crate) fn access_with_previous() -> Case {
    let hash = SecretHash::from_bytes(stored());
    access_to("Meta::access, a secret before", Some(Previous { hash, kind: PreviousKind::Renewed, until: None }))
}

/// What decides on a token that was presented.
fn access_to(name: &'static str, previous: Option<Previous>) -> Case {
    let (stored, now) = (stored(), SystemTime::now());
    let meta = Meta {
        secret_hash: SecretHash::from_bytes(stored),
        secret_since: now,
        previous,
        epoch: Epoch::random(),
        created: now,
        idle_deadline: now + Duration::from_secs(3600),
        absolute_deadline: now + Duration::from_secs(3600),
        authenticated: None,
        persistent: false,
    };
    let make = move |input: &Input| SecretHash::from_bytes(wrong(stored, input));
    let refuse = move |hash: &SecretHash| meta.access(hash, now) != session_runtime::record::Access::Unknown;
    Case::new(name, IN_A_HASH, 32, make, refuse)
}

#[derive(SessionData)]
struct Data {
    user: Option<u64>,
}

/// All that happens to a token whose secret is wrong: it is read, hashed, looked up and refused.
pub(crate) fn open() -> Case {
    let sessions = SessionManager::<Data>::new(MemoryStore::new());
    let session = sessions.start();
    pollster::block_on(session.set_user(7)).expect("a session");
    let token = URL_SAFE_NO_PAD.decode(session.token().expect("a session").to_string()).expect("base64url");
    let make = move |input: &Input| {
        let mut wrong = token.clone();
        wrong[16 + input.position] ^= input.flipped;
        URL_SAFE_NO_PAD.encode(wrong)
    };
    let refuse = move |text: &String| {
        let token: Token = text.parse().expect("well-formed");
        pollster::block_on(sessions.open(&token)).expect("a store").is_some()
    };
    Case::new("SessionManager::open, by the secret's byte", IN_A_SECRET, 1, make, refuse)
}
