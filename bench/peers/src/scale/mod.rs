//! This crate's stores with a million sessions: what a request to the store takes among them, and while many of them end at once;
//! two processors instead of one; and handles that are held open.

mod cores;
mod filled;
mod handles;
mod size;
mod waits;

use std::time::Duration;

use crate::table::{Table, thousands};

/// How many sessions, unless this variable says otherwise; a tenth of them ends at once.
const SESSIONS: (&str, u64) = ("BENCH_SESSIONS", 1_000_000);

/// Among how few sessions the same is measured first.
const FEW: u64 = 10_000;

/// Measures and prints.
pub fn print() {
    let sessions = std::env::var(SESSIONS.0).ok().and_then(|text| text.parse().ok()).unwrap_or(SESSIONS.1);
    filled::print(sessions);
    cores::print();
    handles::print();
}

fn micros(time: Duration) -> String {
    thousands(time.as_secs_f64() * 1e6)
}

fn table(columns: &[&str]) -> Table {
    Table::new(columns, 1)
}
