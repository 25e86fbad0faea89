//! Histories of random operations by many tasks on several nodes and in several processes, while things go wrong, are
//! linearizable: no update is lost, and no session comes back. `README.md` has how, and what was found.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod broken;
mod checked;
mod checker;
mod judge;
mod register;
mod run;
mod stores;
