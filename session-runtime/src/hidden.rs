//! What no `Debug` text shows.

use std::fmt;

/// A value, of which only the length is shown.
pub(crate) struct Hidden<'v>(&'v [u8]);

impl<'v> Hidden<'v> {
    pub(crate) fn of<V: AsRef<[u8]> + ?Sized>(value: &'v V) -> Self {
        Self(value.as_ref())
    }
}

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
