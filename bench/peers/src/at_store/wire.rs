//! A wire that counts what goes over it.

use std::io::{Read, Write as _};
use std::net::{TcpListener, TcpStream};
use std::ops::Sub;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};
use std::thread;

/// Connections to a server by way of this, counted.
pub(super) struct Wire {
    port: u16,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    commands: AtomicU64,
    trips: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
}

/// What went over it.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    /// Commands of Redis, or statements of PostgreSQL, that the application sent.
    pub(super) commands: u64,
    /// How often it sent something after an answer, and so had to wait for another.
    pub(super) trips: u64,
    /// Bytes from the application.
    pub(super) sent: u64,
    /// Bytes to it.
    pub(super) received: u64,
}

impl Sub for Counted {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self {
            commands: self.commands - before.commands,
            trips: self.trips - before.trips,
            sent: self.sent - before.sent,
            received: self.received - before.received,
        }
    }
}

impl Wire {
    /// One to the server at this port.
    pub(super) fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                join(client, TcpStream::connect(("127.0.0.1", server)).expect("a server"), &counted);
            }
        });
        Self { port, counts }
    }

    /// Where to connect to.
    pub(super) fn port(&self) -> u16 {
        self.port
    }

    /// What has gone over it so far.
    pub(super) fn counted(&self) -> Counted {
        let Counts { commands, trips, sent, received } = &*self.counts;
        Counted {
            commands: commands.load(SeqCst),
            trips: trips.load(SeqCst),
            sent: sent.load(SeqCst),
            received: received.load(SeqCst),
        }
    }
}

/// Hands on what comes, both ways.
fn join(client: TcpStream, server: TcpStream, counts: &Arc<Counts>) {
    client.set_nodelay(true).and_then(|()| server.set_nodelay(true)).expect("sockets");
    let (to_client, to_server) = (client.try_clone().expect("a socket"), server.try_clone().expect("a socket"));
    // Whether the application has sent something and was not answered yet.
    let waits = Arc::new(AtomicBool::new(false));
    let (counts_up, waits_up) = (Arc::clone(counts), Arc::clone(&waits));
    thread::spawn(move || {
        let mut commands = Commands::default();
        pump(client, to_server, |bytes| {
            counts_up.sent.fetch_add(bytes.len() as u64, SeqCst);
            counts_up.commands.fetch_add(commands.begun_in(bytes), SeqCst);
            if !waits_up.swap(true, SeqCst) {
                counts_up.trips.fetch_add(1, SeqCst);
            }
        });
    });
    let counts = Arc::clone(counts);
    thread::spawn(move || {
        pump(server, to_client, |bytes| {
            counts.received.fetch_add(bytes.len() as u64, SeqCst);
            waits.store(false, SeqCst);
        });
    });
}

fn pump(mut from: TcpStream, mut to: TcpStream, mut see: impl FnMut(&[u8])) {
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        see(&buffer[..length]);
        if to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}

/// Finds where commands begin in what an application sends, whichever of the two protocols it is.
#[derive(Default)]
struct Commands {
    /// What has come and was not understood yet.
    rest: Vec<u8>,
    /// How many bytes are left of what was understood.
    skip: usize,
    /// How many strings are left of a command of Redis.
    strings: usize,
    /// Whether PostgreSQL's first message, which has no type, was seen.
    greeted: bool,
}

impl Commands {
    /// How many commands begin in these bytes.
    fn begun_in(&mut self, bytes: &[u8]) -> u64 {
        self.rest.extend_from_slice(bytes);
        let mut begun = 0;
        loop {
            let skipped = self.skip.min(self.rest.len());
            self.rest.drain(..skipped);
            self.skip -= skipped;
            match (self.skip, self.next()) {
                (0, Some(is_command)) => begun += u64::from(is_command),
                _ => return begun,
            }
        }
    }

    /// Takes what comes next: whether it is the beginning of a command. None where more must come first.
    fn next(&mut self) -> Option<bool> {
        match self.rest.first()? {
            b'*' | b'$' if !self.greeted => self.of_redis(),
            _ => self.of_postgres(),
        }
    }

    /// `*2`, and then for each string `$4` and the string, all with line ends.
    fn of_redis(&mut self) -> Option<bool> {
        let end = self.rest.windows(2).position(|pair| pair == b"\r\n")?;
        let number = std::str::from_utf8(&self.rest[1..end]).ok()?.parse().ok()?;
        let is_command = self.rest[0] == b'*';
        self.skip = end + 2;
        if is_command {
            self.strings = number;
        } else {
            self.strings -= 1;
            self.skip += number + 2;
        }
        Some(is_command)
    }

    /// A type, and a length that counts itself.
    fn of_postgres(&mut self) -> Option<bool> {
        let at = usize::from(self.greeted);
        let length = self.rest.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)? as usize;
        // To be executed with parameters, or as a text of its own.
        let is_command = self.greeted && matches!(self.rest[0], b'E' | b'Q');
        // An encrypted connection is asked for first, in a message of eight bytes; then comes the greeting itself.
        self.greeted |= length != 8;
        self.skip = at + length;
        Some(is_command)
    }
}
