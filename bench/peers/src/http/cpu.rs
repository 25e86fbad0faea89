//! The processor's time that a process has had, to the nanosecond.

use std::fs;
use std::time::Duration;

/// What all threads of the process, and of those it started, have had so far.
pub fn of(process: u32) -> Duration {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    threads.map(|thread| of_thread(&thread.path())).sum::<Duration>()
}

fn of_thread(folder: &std::path::Path) -> Duration {
    // One that has ended meanwhile has no more to say.
    let ran = fs::read_to_string(folder.join("schedstat")).unwrap_or_default();
    let ran = Duration::from_nanos(ran.split(' ').next().and_then(|ns| ns.parse().ok()).unwrap_or(0));
    let children = fs::read_to_string(folder.join("children")).unwrap_or_default();
    ran + children.split_whitespace().filter_map(|child| child.parse().ok()).map(of).sum::<Duration>()
}
