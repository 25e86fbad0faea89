//! Where the time comes from.

use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// Where a manager takes the time from: the system's clock unless another is given.
///
/// With the system's clock, each store decides by its own clock (a database by the server's), so that the clocks of several
/// web servers need not agree. With another one, all times are this clock's; tests use it to move time by hand.
#[derive(Clone, Default)]
pub struct Clock(Option<Arc<dyn Fn() -> SystemTime + Send + Sync>>);

impl Clock {
    /// The system's clock.
    pub const fn system() -> Self {
        Self(None)
    }

    /// A clock that answers with what `now` returns.
    pub fn new(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(now)))
    }

    /// The time by this clock.
    pub fn now(&self) -> SystemTime {
        self.for_store().unwrap_or_else(SystemTime::now)
    }

    /// Whether it is another one than the system's.
    pub(crate) fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// What to tell a store: nothing, when its own clock is to decide.
    pub(crate) fn for_store(&self) -> Option<SystemTime> {
        self.0.as_ref().map(|now| now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Clock(custom)" } else { "Clock(system)" })
    }
}
