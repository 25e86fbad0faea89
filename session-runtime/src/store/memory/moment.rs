//! A time in eight bytes.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time since 1970 to the microsecond, of which the lower 20 bits are a part of a second. One before is the first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(NonZeroU64);

const FRACTION_BITS: u32 = 20;

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let packed = since.as_secs() << FRACTION_BITS | u64::from(since.subsec_micros());
        Self(NonZeroU64::new(packed).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Moment> for SystemTime {
    fn from(Moment(packed): Moment) -> Self {
        let micros = packed.get() & ((1 << FRACTION_BITS) - 1);
        UNIX_EPOCH + Duration::from_secs(packed.get() >> FRACTION_BITS) + Duration::from_micros(micros)
    }
}
