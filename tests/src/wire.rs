//! What goes over the wire to a server.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Stands between clients and a server on loopback and counts what they say, until it is dropped.
#[derive(Debug)]
pub struct Wire {
    url: String,
    counts: Arc<Counts>,
    tasks: Arc<Mutex<Vec<AbortHandle>>>,
}

/// What was said since it was last asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// How often a client spoke and the server answered.
    pub trips: usize,
    /// Bytes to the server.
    pub sent: usize,
    /// Bytes from it.
    pub received: usize,
}

#[derive(Debug, Default)]
struct Counts {
    trips: AtomicUsize,
    sent: AtomicUsize,
    received: AtomicUsize,
    /// The server spoke last.
    answered: AtomicBool,
    /// How often all connections fell silent.
    silences: AtomicUsize,
}

impl Wire {
    /// In front of the server with this URL, which has `127.0.0.1` and a port in it.
    pub async fn to(url: &str) -> Self {
        let (before, rest) = url.split_once("127.0.0.1:").unwrap();
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let server = format!("127.0.0.1:{}", &rest[..digits]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{before}{}{}", listener.local_addr().unwrap(), &rest[digits..]);
        let (counts, tasks) = (Arc::<Counts>::default(), Arc::<Mutex<Vec<AbortHandle>>>::default());
        let accept = accept(listener, server, Arc::clone(&counts), Arc::clone(&tasks));
        tasks.lock().unwrap().push(tokio::spawn(accept).abort_handle());
        Self { url, counts, tasks }
    }

    /// The URL by which the server is reached over this wire.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was said since this was last asked.
    pub fn said(&self) -> Said {
        let Counts { trips, sent, received, answered, .. } = &*self.counts;
        answered.store(true, Ordering::SeqCst);
        let take = |count: &AtomicUsize| count.swap(0, Ordering::SeqCst);
        Said { trips: take(trips), sent: take(sent), received: take(received) }
    }
}

impl Wire {
    /// Nothing that was said over the present connections is heard any more, as if the server's machine were gone. New ones
    /// reach it.
    pub fn falls_silent(&self) {
        self.counts.silences.fetch_add(1, Ordering::SeqCst);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.tasks.lock().unwrap().iter().for_each(AbortHandle::abort);
    }
}

async fn accept(listener: TcpListener, server: String, counts: Arc<Counts>, tasks: Arc<Mutex<Vec<AbortHandle>>>) {
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(&server).await else { continue };
        let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
        let (up, down) = (Arc::clone(&counts), Arc::clone(&counts));
        let silences = counts.silences.load(Ordering::SeqCst);
        let up = tokio::spawn(carry(from_client, to_server, move |bytes| up.sent(bytes, silences)));
        let down = tokio::spawn(carry(from_server, to_client, move |bytes| down.received(bytes, silences)));
        tasks.lock().unwrap().extend([up.abort_handle(), down.abort_handle()]);
    }
}

/// `count` says whether it is heard.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, count: impl Fn(usize) -> bool) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        // Before it is said: whoever has the answer may ask for the counts.
        if !count(read) {
            return std::future::pending().await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

impl Counts {
    fn sent(&self, bytes: usize, silences: usize) -> bool {
        self.sent.fetch_add(bytes, Ordering::SeqCst);
        if self.answered.swap(false, Ordering::SeqCst) {
            self.trips.fetch_add(1, Ordering::SeqCst);
        }
        self.is_heard(silences)
    }

    fn received(&self, bytes: usize, silences: usize) -> bool {
        self.received.fetch_add(bytes, Ordering::SeqCst);
        self.answered.store(true, Ordering::SeqCst);
        self.is_heard(silences)
    }

    fn is_heard(&self, silences: usize) -> bool {
        self.silences.load(Ordering::SeqCst) == silences
    }
}
