//! Behaviour over the public API: what the design promises, over real HTTP where HTTP has a part in it.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod cookie_grammar;
mod cookies;
mod csrf;
mod encryption;
mod events;
mod faults;
mod fields;
mod handed_over;
mod handles;
mod hostile;
mod in_line;
mod index;
mod lifetimes;
mod limits;
mod limits_meanwhile;
mod limits_overtaken;
mod operations;
mod overtaken;
mod pairs;
mod races;
mod regressions;
mod rules;
mod sign_in;
mod streams;
mod transports;
