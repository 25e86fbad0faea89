//! What the stores in SQL databases have in common.

pub(super) mod columns;
