//! What large values cost: a session that holds one text, which is set and read.

use std::time::Duration;

use super::order::Order;
use super::subject::Subject;
use crate::apps::IN_MEMORY;
use crate::sample;
use crate::statistics::median;
use crate::table::{Table, thousands};
use crate::workload::Workload;

/// How large they are.
const SIZES: [(usize, &str); 4] = [(64, "64 B"), (1 << 10, "1 kB"), (64 << 10, "64 kB"), (1 << 20, "1 MB")];

/// How often each is measured; the median counts.
const PASSES: usize = 5;

/// How long one pass is to take, and the least requests it makes.
const PASS: (Duration, usize) = (Duration::from_millis(40), 5);

/// Measures and prints.
pub(crate) fn print() {
    let mut table =
        Table::new(&["value", "application", "set, ns", "bytes allocated", "read, ns", "bytes allocated"], 2);
    for (bytes, size) in SIZES {
        sample::set_note_size(bytes);
        let keeping = || IN_MEMORY.iter().filter(|variant| variant.keeps);
        let mut subjects: Vec<_> = keeping().map(|variant| Subject::new(variant, Workload::BeginNote)).collect();
        let set = costs(&mut subjects, Workload::SetNote);
        let read = costs(&mut subjects, Workload::ReadNote);
        for ((variant, set), read) in keeping().zip(set).zip(read) {
            table.line(&[
                size.to_owned(),
                variant.name.to_owned(),
                thousands(set.0),
                thousands(set.1),
                thousands(read.0),
                thousands(read.1),
            ]);
        }
    }
    table.print("In process, sessions in memory that hold one value");
}

/// Nanoseconds and bytes allocated per request, of each.
fn costs(subjects: &mut [Subject], workload: Workload) -> Vec<(f64, f64)> {
    let (time, least) = PASS;
    let counts: Vec<_> = subjects
        .iter_mut()
        .map(|subject| (time.as_nanos() as f64 / subject.time(workload, Order::One, least)) as usize + least)
        .collect();
    let mut times = vec![Vec::new(); subjects.len()];
    for _ in 0..PASSES {
        for (at, subject) in subjects.iter_mut().enumerate() {
            times[at].push(subject.time(workload, Order::One, counts[at]));
        }
    }
    let bytes = subjects.iter_mut().map(|subject| subject.count(workload, least).allocated as f64 / least as f64);
    times.into_iter().map(median).zip(bytes).collect()
}
