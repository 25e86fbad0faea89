//! Stores with many sessions, and the end of a tenth of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant, SystemTime};

use session_runtime::{MemoryStore, PostgresStore, RedisStore, SqliteStore};

use super::waits::{Asked, Waits};
use super::{FEW, micros, size, table};
use crate::served::{Store, StoreServer};
use crate::table::{Table, figure, thousands};

/// How long requests are measured.
const TIME: Duration = Duration::from_secs(3);

/// How many sessions the sweeper deletes at a time.
const BATCH: usize = 500;

/// How long after its session a key of Redis goes.
const REDIS_KEEPS: Duration = Duration::from_secs(60);

/// For how long its keys are watched from then on.
const REDIS_TIME: Duration = Duration::from_secs(20);

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Measures and prints, for each store.
pub(super) fn print(sessions: u64) {
    let mut among =
        table(&["store", "sessions", "load p50, µs", "p99", "set p50, µs", "p99", "begun per second", "bytes each"]);
    let mut ends = table(&[
        "store",
        "end at once",
        "deleted",
        "load p99 before, µs",
        "meanwhile",
        "set p99 before, µs",
        "meanwhile",
    ]);
    for store in Store::ALL {
        let server = StoreServer::start(store);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        runtime.expect("a runtime").block_on(measure(store, &server, sessions, &mut among, &mut ends));
    }
    among.print("A store, 16 requests at a time, of any of these sessions");
    ends.print("Sessions that end at once, among those that live");
}

async fn measure(store: Store, server: &StoreServer, sessions: u64, among: &mut Table, ends: &mut Table) {
    let place = tokio::task::block_in_place(|| server.place(0, None));
    let asked = open(store, &place).await;
    let empty = size::of(store, &place).await;
    let name = store.name();
    let ending = sessions / 10;
    let begun = Instant::now();
    asked.fill(0..FEW, DAY).await;
    let rate = FEW as f64 / begun.elapsed().as_secs_f64();
    let bytes = added(empty, size::of(store, &place).await, FEW);
    line(among, name, FEW, rate, bytes, asked.ask_for(0..FEW, TIME).await);
    let living = sessions - ending;
    let begun = Instant::now();
    asked.fill(FEW..living, DAY).await;
    let rate = (living - FEW) as f64 / begun.elapsed().as_secs_f64();
    let bytes = added(empty, size::of(store, &place).await, living);
    let short = if store == Store::Redis { Duration::from_secs(2) } else { HOUR };
    let ends_from = Instant::now() + short + REDIS_KEEPS;
    asked.fill(living..sessions, short).await;
    line(among, name, sessions, rate, bytes, asked.ask_for(0..living, TIME).await);

    let mut before = asked.ask_for(0..living, TIME).await;
    let (deleted, mut meanwhile) = if store == Store::Redis {
        let (keys, meanwhile) = keys_go(&asked, &place, living, ends_from).await;
        (format!("{} in {} s", thousands(keys as f64), REDIS_TIME.as_secs()), meanwhile)
    } else {
        let (took, meanwhile) = swept(&asked, living, ending).await;
        (format!("all in {} s", figure(took.as_secs_f64())), meanwhile)
    };
    ends.line(&[
        name.to_owned(),
        thousands(ending as f64),
        deleted,
        micros(Waits::percentile(&mut before.loads, 99)),
        micros(Waits::percentile(&mut meanwhile.loads, 99)),
        micros(Waits::percentile(&mut before.sets, 99)),
        micros(Waits::percentile(&mut meanwhile.sets, 99)),
    ]);
}

async fn open(store: Store, place: &str) -> Asked {
    let told = Some(SystemTime::now());
    match store {
        Store::Memory => Asked { store: Arc::new(MemoryStore::new()), now: told },
        Store::Sqlite => Asked { store: Arc::new(SqliteStore::open(place).await.expect("a file")), now: told },
        Store::Postgres => Asked { store: Arc::new(PostgresStore::open(place).await.expect("a database")), now: told },
        // Its keys go by its own time.
        Store::Redis => Asked { store: Arc::new(RedisStore::open(place).await.expect("a server")), now: None },
    }
}

/// The bytes that each of so many sessions has added.
fn added(empty: Option<u64>, now: Option<u64>, sessions: u64) -> f64 {
    let added = empty.zip(now).map(|(empty, now)| now.saturating_sub(empty) as f64);
    added.map_or(f64::NAN, |added| added / sessions as f64)
}

fn line(among: &mut Table, name: &str, sessions: u64, rate: f64, bytes: f64, mut waits: Waits) {
    among.line(&[
        name.to_owned(),
        thousands(sessions as f64),
        micros(Waits::percentile(&mut waits.loads, 50)),
        micros(Waits::percentile(&mut waits.loads, 99)),
        micros(Waits::percentile(&mut waits.sets, 50)),
        micros(Waits::percentile(&mut waits.sets, 99)),
        thousands(rate),
        figure(bytes),
    ]);
}

/// Deletes, batch by batch, what has ended an hour and a little later; the others are asked for meanwhile.
async fn swept(asked: &Asked, living: u64, ending: u64) -> (Duration, Waits) {
    let later = Asked { now: asked.now.map(|now| now + 2 * HOUR), ..asked.clone() };
    let stop = Arc::new(AtomicBool::new(false));
    let (sweeping, told) = (later.clone(), Arc::clone(&stop));
    let sweeper = tokio::spawn(async move {
        let (begun, mut deleted) = (Instant::now(), 0);
        loop {
            let batch = sweeping.store.sweep(BATCH, sweeping.now).await.expect("the store works").len();
            deleted += batch as u64;
            if batch < BATCH {
                told.store(true, Relaxed);
                return (begun.elapsed(), deleted);
            }
        }
    });
    let meanwhile = later.ask(0..living, &stop).await;
    let (took, deleted) = sweeper.await.expect("the store works");
    assert_eq!(deleted, ending, "what has ended, and nothing else");
    (took, meanwhile)
}

/// Waits until the keys have ended; the others are asked for meanwhile. How many of them the server has deleted after that: it
/// does so by itself, and looks less when it finds that most of what it sees lives.
async fn keys_go(asked: &Asked, url: &str, living: u64, from: Instant) -> (u64, Waits) {
    let client = redis::Client::open(url).expect("a URL");
    let mut server = client.get_multiplexed_async_connection().await.expect("a server");
    tokio::time::sleep_until(from.into()).await;
    let before: u64 = redis::cmd("DBSIZE").query_async(&mut server).await.expect("the server works");
    let meanwhile = asked.ask_for(0..living, REDIS_TIME).await;
    let after: u64 = redis::cmd("DBSIZE").query_async(&mut server).await.expect("the server works");
    (before - after, meanwhile)
}
