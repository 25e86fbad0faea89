//! Has only tests: see `tests/ui.rs`.
