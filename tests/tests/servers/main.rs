//! Stores whose servers die, freeze, forget and refuse, and whose files are damaged.
#![allow(missing_docs, reason = "tests are named after what they assert")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod both;
mod clocks;
mod common;
mod connections;
mod full;
mod mariadb;
mod names;
mod objects;
mod objects_in_files;
mod objects_in_s3;
mod postgres;
mod processes;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod sqlite;
mod trips;
