//! The system's allocator, with a switch that makes it count.
//!
//! Times and counts are never taken together. While the switch is off, each call is the system's and one read of a flag that
//! nobody writes, so that the times are those of the system's allocator.
//!
//! This is a crate of its own for its `unsafe`, which an allocator can't do without: everything else forbids it.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Sub;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static ON: AtomicBool = AtomicBool::new(false);
static CALLS: AtomicU64 = AtomicU64::new(0);
static ALLOCATED: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);

/// The allocator. For `#[global_allocator]`.
#[derive(Debug)]
pub struct Counting;

/// What all threads have allocated since the switch was first turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    /// How often memory was asked for: new, zeroed or resized.
    pub calls: u64,
    /// How many bytes were asked for.
    pub allocated: u64,
    /// How many bytes were given back.
    pub freed: u64,
}

impl Counts {
    /// What has been counted so far.
    pub fn now() -> Self {
        Self { calls: CALLS.load(Relaxed), allocated: ALLOCATED.load(Relaxed), freed: FREED.load(Relaxed) }
    }

    /// The bytes that were asked for and not given back; negative where more was given back.
    pub fn held(&self) -> i64 {
        self.allocated.cast_signed() - self.freed.cast_signed()
    }
}

impl Sub for Counts {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            calls: self.calls - before.calls,
            allocated: self.allocated - before.allocated,
            freed: self.freed - before.freed,
        }
    }
}

/// What all threads allocate while this runs.
pub fn count(run: impl FnOnce()) -> Counts {
    let before = Counts::now();
    ON.store(true, Relaxed);
    run();
    ON.store(false, Relaxed);
    Counts::now() - before
}

fn add(calls: u64, allocated: usize, freed: usize) {
    if ON.load(Relaxed) {
        CALLS.fetch_add(calls, Relaxed);
        ALLOCATED.fetch_add(allocated as u64, Relaxed);
        FREED.fetch_add(freed as u64, Relaxed);
    }
}

// SAFETY: every method hands its arguments to the system's allocator, whose contract is the same, and gives back its answer.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(1, layout.size(), 0);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(1, layout.size(), 0);
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(1, size, layout.size());
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        add(0, 0, layout.size());
        // SAFETY: the caller's promise is the one that is asked for.
        unsafe { System.dealloc(memory, layout) }
    }
}
