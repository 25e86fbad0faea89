//! The servers that stores need, on the second processor: a Redis and a PostgreSQL of this benchmark's own.

use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use sqlx::{Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;

use super::{Process, Store};

/// How long a server may take to start.
const START: Duration = Duration::from_secs(30);

/// Where one kind of sessions is kept. What is started for it ends with it.
pub struct StoreServer {
    store: Store,
    /// None where there is no server.
    process: Option<Process>,
    port: u16,
    dir: TempDir,
}

impl StoreServer {
    /// Starts what this store needs, with nothing in it.
    pub fn start(store: Store) -> Self {
        let (dir, port) = (folder(), free_port());
        let process = match store {
            Store::Memory | Store::Sqlite => None,
            Store::Redis => Some(Process::start(1, &redis(port, dir.path()))),
            Store::Postgres => Some(Process::start(1, &postgres(port, dir.path()))),
        };
        let server = Self { store, process, port, dir };
        if server.process.is_some() {
            server.answers();
        }
        server
    }

    /// Where an application of this number keeps its sessions: a place that no other has. By way of another port, if one is given.
    pub fn place(&self, number: usize, port: Option<u16>) -> String {
        let port = port.unwrap_or(self.port);
        match self.store {
            Store::Memory => String::new(),
            Store::Sqlite => self.dir.path().join(format!("{number}.db")).display().to_string(),
            Store::Redis => format!("redis://127.0.0.1:{port}/{number}"),
            Store::Postgres => {
                self.create_database(number);
                format!("postgres://postgres@127.0.0.1:{port}/bench_{number}")
            }
        }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The number of its process, if there is one.
    pub fn process(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    fn create_database(&self, number: usize) {
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres", self.port);
        let create = async {
            let mut connection = PgConnection::connect(&url).await?;
            let drop = format!("DROP DATABASE IF EXISTS bench_{number}");
            connection.execute(sqlx::AssertSqlSafe(drop)).await?;
            let create = format!("CREATE DATABASE bench_{number}");
            connection.execute(sqlx::AssertSqlSafe(create)).await?;
            connection.close().await
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(create).expect("a database");
    }

    fn answers(&self) {
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(started.elapsed() < START, "{} does not start", self.store.name());
            thread::sleep(Duration::from_millis(20));
        }
        // PostgreSQL listens a moment before it lets anybody in.
        thread::sleep(Duration::from_secs(1));
    }
}

/// Whether the Redis server has `HEXPIRE`, which ruts needs.
pub fn redis_expires_fields() -> bool {
    let told = Command::new(program("redis-server")).arg("--version").output().expect("redis-server");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    let version = told.split("v=").nth(1).unwrap_or_default();
    let mut numbers = version.split(|c: char| !c.is_ascii_digit()).map_while(|number| number.parse::<u32>().ok());
    let least = if told.contains("Valkey") { (Some(9), Some(0)) } else { (Some(7), Some(4)) };
    (numbers.next(), numbers.next()) >= least
}

fn redis(port: u16, dir: &Path) -> Command {
    let mut command = Command::new(program("redis-server"));
    command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir"]);
    command.arg(dir);
    command
}

/// The command that starts the server over a fresh cluster. It refuses to run as root.
fn postgres(port: u16, dir: &Path) -> Command {
    let mut init = as_owner(dir, &program("initdb"));
    init.args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D"]).arg(dir.join("data"));
    let made = init.output().expect("initdb");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let owner = fs::metadata(dir).expect("a folder");
    let mut command = Command::new("setpriv");
    command.args([format!("--reuid={}", owner.uid()), format!("--regid={}", owner.gid()), "--clear-groups".to_owned()]);
    command.arg(program("postgres")).arg("-D").arg(dir.join("data"));
    command.args(["-c", &format!("port={port}"), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]);
    command
}

/// A program that is run by whom the folder belongs to.
fn as_owner(dir: &Path, program: &Path) -> Command {
    let owner = fs::metadata(dir).expect("a folder");
    let mut command = Command::new(program);
    command.uid(owner.uid()).gid(owner.gid()).current_dir("/");
    command
}

/// An empty folder in memory, where no disk is waited for; of the user `postgres` where it would be root's.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.expect("a folder");
    if fs::metadata(dir.path()).expect("a folder").uid() == 0 {
        let id = |kind| {
            let told = Command::new("id").args([kind, "postgres"]).output().expect("id");
            String::from_utf8_lossy(&told.stdout).trim().parse::<u32>().ok()
        };
        // Without that user there is no PostgreSQL either.
        if let (Some(user), Some(group)) = (id("-u"), id("-g")) {
            chown(dir.path(), Some(user), Some(group)).expect("a folder of one's own");
        }
    }
    dir
}

/// Where the program is: where its variable says, on PATH, or where Debian has PostgreSQL's.
fn program(name: &str) -> PathBuf {
    if let Some(path) = env::var_os(name.to_uppercase().replace('-', "_")) {
        return path.into();
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let folders = env::split_paths(&path).chain(versions.map(|version| version.path().join("bin")));
    folders.map(|folder| folder.join(name)).find(|path| path.is_file()).unwrap_or_else(|| panic!("{name} is not here"))
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}
