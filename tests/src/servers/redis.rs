//! Redis.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use session_runtime::RedisStore;
use tempfile::TempDir;

use super::{START, free_port, signal, stop};

/// A Redis server of its own. Ends when it is dropped.
#[derive(Debug)]
pub struct RedisServer {
    process: Child,
    arguments: Vec<String>,
    port: u16,
    dir: TempDir,
}

impl RedisServer {
    /// Starts one that keeps nothing on disk.
    pub async fn start() -> Self {
        Self::with(&["--save", "", "--appendonly", "no"]).await
    }

    /// Starts one that has each change on disk before it acknowledges it.
    pub async fn durable() -> Self {
        Self::with(&["--save", "", "--appendonly", "yes", "--appendfsync", "always"]).await
    }

    /// Starts one with these settings beside the address.
    pub async fn with(settings: &[&str]) -> Self {
        Self::on(&std::env::temp_dir(), settings).await
    }

    /// Starts one that has all its files on this disk.
    pub async fn on(disk: &Path, settings: &[&str]) -> Self {
        let (dir, port) = (tempfile::tempdir_in(disk).unwrap(), free_port());
        let arguments: Vec<_> = settings.iter().map(ToString::to_string).collect();
        let process = run(None, &arguments, port, &dir);
        let server = Self { process, arguments, port, dir };
        server.answers().await;
        server
    }

    /// Starts a replica of this one.
    pub async fn replica(&self) -> Self {
        Self::replica_of(&self.url()).await
    }

    /// Starts a replica of the one with this URL.
    pub async fn replica_of(url: &str) -> Self {
        let master = url.trim_start_matches("redis://").replace(':', " ");
        let replica = Self::with(&["--save", "", "--appendonly", "no", "--replicaof", &master]).await;
        replica.settles(&["info", "replication"], "master_link_status:up").await;
        replica
    }

    /// Starts a sentinel that watches this one as `main`, with two of three of its kind.
    pub async fn sentinel(&self) -> Self {
        let (dir, port) = (tempfile::tempdir().unwrap(), free_port());
        let file = dir.path().join("sentinel.conf");
        let settings = format!(
            "sentinel monitor main 127.0.0.1 {} 2\n\
             sentinel down-after-milliseconds main 1000\n\
             sentinel failover-timeout main 5000\n",
            self.port
        );
        std::fs::write(&file, settings).unwrap();
        let arguments = vec!["--sentinel".to_owned()];
        let process = run(Some(file.as_path()), &arguments, port, &dir);
        let sentinel = Self { process, arguments, port, dir };
        sentinel.answers().await;
        sentinel
    }

    /// Starts six, as three masters with a replica each.
    pub async fn cluster() -> Vec<Self> {
        let mut nodes = Vec::new();
        for _ in 0..6 {
            let settings =
                ["--save", "", "--appendonly", "no", "--cluster-enabled", "yes", "--cluster-node-timeout", "1000"];
            nodes.push(Self::with(&settings).await);
        }
        let addresses = nodes.iter().map(|node| format!("127.0.0.1:{}", node.port));
        let created = Command::new(env!("REDIS_CLI"))
            .args(["--cluster", "create"])
            .args(addresses)
            .args(["--cluster-replicas", "1", "--cluster-yes"])
            .output()
            .unwrap();
        assert!(created.status.success(), "{created:?}");
        for node in &nodes {
            node.settles(&["cluster", "info"], "cluster_state:ok").await;
        }
        nodes
    }

    /// Waits until it answers to the command with a text that has this in it.
    pub async fn settles(&self, command: &[&str], text: &str) {
        let started = Instant::now();
        while !self.tells(command).contains(text) {
            assert!(started.elapsed() < START, "{command:?} does not come to tell {text}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What it answers to a command; nothing where it does not answer.
    pub fn tells(&self, command: &[&str]) -> String {
        let told = Command::new(env!("REDIS_CLI")).args(["-p", &self.port.to_string()]).args(command).output().unwrap();
        String::from_utf8(told.stdout).unwrap()
    }

    /// All that it has: its memory as it writes that to disk, nothing of it compressed.
    pub fn bytes(&self) -> Vec<u8> {
        self.tells(&["config", "set", "rdbcompression", "no"]);
        assert_eq!(self.tells(&["save"]).trim(), "OK");
        std::fs::read(self.dir.path().join("dump.rdb")).unwrap()
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A store in it.
    pub async fn store(&self) -> RedisStore {
        RedisStore::open(&self.url()).await.unwrap()
    }

    /// Ends it at once, as a power failure would (`kill -9`).
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Starts it again, with what it has on disk.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = run(None, &self.arguments, self.port, &self.dir);
        self.answers().await;
    }

    /// Stops it in the middle of whatever it does, with its connections open.
    pub fn freeze(&self) {
        stop(&[self.process.id()]);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        signal("-CONT", &[self.process.id()]);
    }

    /// Waits until it does.
    async fn answers(&self) {
        let started = Instant::now();
        while self.ping().await.is_none() {
            assert!(started.elapsed() < START, "the Redis server does not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn ping(&self) -> Option<()> {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

        let mut connection = tokio::net::TcpStream::connect(("127.0.0.1", self.port)).await.ok()?;
        connection.write_all(b"PING\r\n").await.ok()?;
        let mut answer = [0; 5];
        connection.read_exact(&mut answer).await.ok()?;
        // A server that wants a password answers too; one that still reads its file says so.
        (&answer == b"+PONG" || &answer == b"-NOAU").then_some(())
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(file: Option<&Path>, settings: &[String], port: u16, dir: &TempDir) -> Child {
    Command::new(env!("REDIS_SERVER"))
        .args(file)
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
        .args(settings)
        .arg("--dir")
        .arg(dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}
