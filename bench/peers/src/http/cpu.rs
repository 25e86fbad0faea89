//! The processor's time that a process has had.

use std::fs;
use std::time::Duration;

/// The unit in which the kernel tells it: always a hundredth of a second, whatever it counts in itself.
const TICK: Duration = Duration::from_millis(10);

/// What the process and those it started have had so far, with threads and processes that have ended.
pub fn of(process: u32) -> Duration {
    own(process).unwrap_or_default() + children(process).into_iter().filter_map(own).sum::<Duration>()
}

fn own(process: u32) -> Option<Duration> {
    let told = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may have spaces in it: the process's times are the 12th and the 13th, those of its children
    // that have ended the next two.
    let figures = told.rsplit_once(") ")?.1.split(' ').skip(11).take(4);
    let ticks: u32 = figures.filter_map(|ticks| ticks.parse::<u32>().ok()).sum();
    Some(TICK * ticks)
}

fn children(process: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let told = threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    told.flat_map(|told| told.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<_>>()).collect()
}
