//! A hash of session IDs that are kept.

use std::hash::Hasher;

/// An ID is random already, and nobody can have one kept that he has chosen: the second half of it is its hash. The first
/// chooses the shard.
#[derive(Default)]
pub(super) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(half) = bytes.last_chunk() {
            self.0 = u64::from_ne_bytes(*half);
        }
    }

    /// The length of the ID, which is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
