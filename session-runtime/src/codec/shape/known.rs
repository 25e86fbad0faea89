//! The shapes that were found out so far, once per type and program.

use std::any::TypeId;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{LazyLock, PoisonError, RwLock};

use serde::de::DeserializeOwned;

use super::{Shape, trace};

/// The type, and whether the format is one that people can read: types may write themselves otherwise then.
type Key = (TypeId, bool);

type Known = HashMap<Key, &'static Shape, BuildHasherDefault<KeyHasher>>;

/// The shapes that any thread knows.
static KNOWN: LazyLock<RwLock<Known>> = LazyLock::new(RwLock::default);

thread_local! {
    /// Those that this one has asked for: each value asks, and a lock would be half of what it takes.
    static SEEN: RefCell<Known> = RefCell::default();
}

/// The shape of `V` in a format that people can or can't read.
pub(crate) fn shape_of<V: DeserializeOwned + 'static>(human_readable: bool) -> &'static Shape {
    let key = (TypeId::of::<V>(), human_readable);
    // At the end of its thread there is nothing to look into.
    let seen = SEEN.try_with(|seen| seen.borrow().get(&key).copied());
    seen.ok().flatten().unwrap_or_else(|| {
        let shape = known_or::<V>(key);
        let _ = SEEN.try_with(|seen| seen.borrow_mut().insert(key, shape));
        shape
    })
}

#[cold]
fn known_or<V: DeserializeOwned + 'static>(key: Key) -> &'static Shape {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).get(&key).copied();
    known.unwrap_or_else(|| {
        let (_, human_readable) = key;
        let shape = trace::trace::<V>(human_readable);
        let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
        // Kept as long as the program runs: there are as many as it has types of fields.
        known.entry(key).or_insert_with(|| Box::leak(Box::new(shape)))
    })
}

/// For a key that is a hash itself, but for one bit. This is on the way of every value.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 ^= hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
