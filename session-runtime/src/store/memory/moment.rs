//! A time in eight bytes.

use std::num::NonZeroU64;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A time since 1970 to the microsecond, of which the lower 20 bits are a part of a second. One before is the first, and one that
/// is half a million years away the last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(NonZeroU64);

const FRACTION_BITS: u32 = 20;
const LAST_SECOND: u64 = u64::MAX >> FRACTION_BITS;

impl From<SystemTime> for Moment {
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let packed = since.as_secs().min(LAST_SECOND) << FRACTION_BITS | u64::from(since.subsec_micros());
        Self(NonZeroU64::new(packed).unwrap_or(NonZeroU64::MIN))
    }
}

impl From<Moment> for SystemTime {
    fn from(Moment(packed): Moment) -> Self {
        let micros = packed.get() & ((1 << FRACTION_BITS) - 1);
        UNIX_EPOCH + Duration::from_secs(packed.get() >> FRACTION_BITS) + Duration::from_micros(micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_kept_to_the_microsecond() {
        let time = UNIX_EPOCH + Duration::new(1_900_000_000, 123_456_789);
        assert_eq!(SystemTime::from(Moment::from(time)), UNIX_EPOCH + Duration::new(1_900_000_000, 123_456_000));
    }

    #[test]
    fn times_that_can_not_be_kept_stay_in_order() {
        let times =
            [UNIX_EPOCH - Duration::from_secs(1), SystemTime::now(), UNIX_EPOCH + Duration::from_secs(i64::MAX as u64)];
        assert!(times.is_sorted_by_key(|time| Moment::from(*time)));
        assert!(SystemTime::from(Moment::from(times[2])) > times[1]);
    }
}
