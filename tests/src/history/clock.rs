//! A clock that all processes of a machine share.

use rustix::time::{ClockId, clock_gettime};

/// The time in nanoseconds, since some moment. It never goes back, and is the same in every process (`CLOCK_MONOTONIC`).
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    u64::try_from(time.tv_sec).unwrap() * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap()
}
