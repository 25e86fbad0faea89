//! Stores in servers that die, freeze, forget and refuse.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod common;
mod mariadb;
mod postgres;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod trips;
