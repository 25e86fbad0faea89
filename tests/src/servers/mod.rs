//! Real servers, each on a free port of loopback, for as long as a test needs it.

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::time::Duration;

mod clock;
mod disk;
pub(crate) mod files;
mod mariadb;
mod postgres;
mod redis;
mod s3;

pub use clock::ServerClock;
pub use disk::SmallDisk;
pub use mariadb::MariaDbServer;
pub use postgres::PostgresServer;
pub use redis::RedisServer;
pub use s3::{S3Server, client};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(20);

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

/// Sends a signal to each of these processes that is there still.
fn signal(signal: &str, processes: &[u32]) {
    Command::new("kill").arg(signal).args(processes.iter().map(u32::to_string)).stderr(Stdio::null()).status().unwrap();
}

/// Stops these processes in the middle of whatever they do, and returns when they have.
fn stop(processes: &[u32]) {
    signal("-STOP", processes);
    // Each thread stops when it comes to it.
    while !processes.iter().all(|process| is_stopped(*process)) {
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Whether no thread of the process runs. One that is gone does not.
fn is_stopped(process: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let mut states = threads.filter_map(|thread| fs::read_to_string(thread.path().join("stat")).ok());
    // What is before the last bracket is its name, whatever that is.
    states.all(|stat| stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with(['T', 'Z', 'X'])))
}
