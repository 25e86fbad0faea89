//! How long whoever was not fast enough waits before trying again.

use std::time::Duration;

use crate::token;

/// Less than so many microseconds, at random: several who wait should not meet again.
pub(crate) fn at_random(most: u64) -> Duration {
    Duration::from_micros(u64::from_le_bytes(token::random()) % most)
}
