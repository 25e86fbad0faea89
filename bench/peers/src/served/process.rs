//! Programs that run beside this one, on one processor each, and end with what stands for them.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::Served;

/// How long a program may take to end.
const PATIENCE: Duration = Duration::from_secs(5);

/// A program that runs. Ends when this is dropped.
pub struct Process(Child);

impl Process {
    /// Starts the command, on this processor alone. `taskset` becomes the program, so that its number is the program's.
    pub fn start(processor: usize, command: &Command) -> Self {
        let mut pinned = pinned(processor, command);
        Self(pinned.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("taskset"))
    }

    /// Starts an application on the first processor, with its store there. Gives the address it listens at.
    pub fn serve(served: &Served, at: &str) -> (Self, SocketAddr) {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.args(["serve", &served.key(), at]);
        let mut process = pinned(0, &command).stdout(Stdio::piped()).spawn().expect("taskset");
        let mut said = String::new();
        let stdout = process.stdout.take().expect("a pipe");
        BufReader::new(stdout).read_line(&mut said).expect("a line");
        (Self(process), said.trim().parse().unwrap_or_else(|_| panic!("{} does not start", served.key())))
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.0.id()
    }
}

/// The command on one processor.
fn pinned(processor: usize, command: &Command) -> Command {
    let mut pinned = Command::new("taskset");
    pinned.args(["-c", &processor.to_string()]).arg(command.get_program()).args(command.get_args());
    pinned
}

impl Drop for Process {
    fn drop(&mut self) {
        // Asked first: a PostgreSQL that is killed leaves memory behind that it shared with its processes.
        let _ = Command::new("kill").args(["-INT", &self.id().to_string()]).status();
        let started = Instant::now();
        while matches!(self.0.try_wait(), Ok(None)) && started.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(10));
        }
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
