//! PostgreSQL.

use std::fs::{self, File};
use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use session_runtime::{PostgresStore, TableNames};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::clock::{Environment, ServerClock};
use super::{START, files, free_port, signal, stop};

/// Who may do everything in the servers, and whom they belong to where the tests are root's: PostgreSQL refuses to run as root.
const OWNER: &str = "postgres";

/// The file, in its folder, with what a server says.
const LOG: &str = "log";

/// The server that tests share which need nothing of their own but a schema, for as long as there is one of them.
static SHARED: Mutex<Weak<PostgresServer>> = Mutex::const_new(Weak::new());

/// A PostgreSQL server of its own. Ends when it is dropped.
#[derive(Debug)]
pub struct PostgresServer {
    process: Child,
    settings: Vec<String>,
    environment: Environment,
    port: u16,
    dir: TempDir,
}

impl PostgresServer {
    /// One that does not wait for the disk, shared with the other tests of this process.
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::with(&["fsync=off", "max_connections=400"]).await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// Starts one that has each change on disk before it acknowledges it, as is PostgreSQL's default.
    pub async fn durable() -> Self {
        Self::with(&["fsync=on", "synchronous_commit=on"]).await
    }

    /// Starts one with these settings beside the address.
    pub async fn with(settings: &[&str]) -> Self {
        Self::on(&std::env::temp_dir(), settings).await
    }

    /// Starts one that has all its files on this disk.
    pub async fn on(disk: &Path, settings: &[&str]) -> Self {
        Self::begin(disk, settings, Vec::new()).await
    }

    /// Starts one that goes by this clock.
    pub async fn under(clock: &ServerClock) -> Self {
        Self::begin(&std::env::temp_dir(), &[], clock.environment()).await
    }

    async fn begin(disk: &Path, settings: &[&str], environment: Environment) -> Self {
        let (dir, port) = (cluster(disk), free_port());
        let settings: Vec<_> = settings.iter().map(ToString::to_string).collect();
        let mut server = {
            let process = run(&settings, &environment, port, &dir);
            Self { process, settings, environment, port, dir }
        };
        server.answers().await;
        server
    }

    /// Where it is.
    pub fn url(&self) -> String {
        format!("postgres://{OWNER}@127.0.0.1:{}/postgres", self.port)
    }

    /// A store in it.
    pub async fn store(&self) -> PostgresStore {
        PostgresStore::open(&self.url()).await.unwrap()
    }

    /// A store in a schema of this name.
    pub async fn store_in(&self, schema: &str) -> PostgresStore {
        PostgresStore::open_named(&self.url(), &TableNames::new().in_schema(schema).unwrap()).await.unwrap()
    }

    /// Has all tables that are made from now on on this disk, and its log on the one where it was.
    pub async fn keep_tables_on(&self, disk: &Path) {
        let folder = files::folder(OWNER, disk).keep();
        self.execute(&format!("CREATE TABLESPACE tables LOCATION '{}'", folder.display())).await;
        self.execute("ALTER DATABASE postgres SET default_tablespace = tables").await;
    }

    /// Does this, for the administrator.
    pub async fn execute(&self, sql: &str) {
        self.execute_as("", sql).await;
    }

    /// Does this, for an administrator who has to give this password.
    pub async fn execute_as(&self, password: &str, sql: &str) {
        let url = self.url().replace('@', &format!(":{password}@"));
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// All rows of all tables of a schema, their bytes as they are.
    pub async fn rows(&self, schema: &str) -> Vec<u8> {
        let mut connection = PgConnection::connect(&self.url()).await.unwrap();
        let names = "SELECT tablename::text FROM pg_tables WHERE schemaname = $1";
        let tables: Vec<String> = sqlx::query_scalar(names).bind(schema).fetch_all(&mut connection).await.unwrap();
        let mut rows = Vec::new();
        for table in tables {
            let copy = format!(r#"COPY "{schema}"."{table}" TO STDOUT (FORMAT binary)"#);
            let parts: Vec<_> = connection.copy_out_raw(&copy).await.unwrap().try_collect().await.unwrap();
            rows.extend(parts.concat());
        }
        connection.close().await.unwrap();
        rows
    }

    /// All that it has on disk, its log too.
    pub async fn files(&self) -> Vec<u8> {
        self.execute("CHECKPOINT").await;
        files::contents(self.dir.path())
    }

    /// Lets nobody in any more without this password.
    pub async fn demand(&self, password: &str) {
        self.execute(&format!("ALTER ROLE {OWNER} PASSWORD '{password}'")).await;
        fs::write(self.dir.path().join("pg_hba.conf"), "host all all 127.0.0.1/32 scram-sha-256\n").unwrap();
        self.execute("SELECT pg_reload_conf()").await;
        while PgConnection::connect(&self.url()).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Ends it and all that it has started at once, as a power failure would (`kill -9`).
    pub fn kill(&mut self) {
        // Stopped, it starts no more: one that was left would keep the next server from starting.
        stop(&[self.process.id()]);
        let started = self.children();
        // It first, or it would repair what it sees break. It may have ended already, and so may they.
        let _ = self.process.kill();
        let _ = self.process.wait();
        signal("-KILL", &started);
    }

    /// Starts it again, with what it has on disk.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = run(&self.settings, &self.environment, self.port, &self.dir);
        self.answers().await;
    }

    /// Stops it in the middle of whatever it does, with its connections open.
    pub fn freeze(&self) {
        stop(&[self.process.id()]);
        stop(&self.children());
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        signal("-CONT", &self.children());
        signal("-CONT", &[self.process.id()]);
    }

    /// The processes that it has started: one for each connection, and some for itself.
    fn children(&self) -> Vec<u32> {
        let processes =
            fs::read_dir("/proc").unwrap().filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        processes.filter(|process| parent(*process) == Some(self.process.id())).collect()
    }

    /// What it has said since it was first started.
    fn log(&self) -> String {
        fs::read_to_string(self.dir.path().join(LOG)).unwrap()
    }

    /// Waits until it does.
    async fn answers(&mut self) {
        let started = Instant::now();
        while PgConnection::connect(&self.url()).await.is_err() {
            assert!(started.elapsed() < START, "the PostgreSQL server does not start: {}", self.log());
            if self.process.try_wait().unwrap().is_some() {
                // It does not start while a process of the one before has not ended yet.
                self.process = run(&self.settings, &self.environment, self.port, &self.dir);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        if self.process.try_wait().unwrap().is_none() {
            // Not killed, for it has shared memory to give back; frozen it could not do so.
            self.thaw();
            signal("-QUIT", &[self.process.id()]);
            let _ = self.process.wait();
        }
    }
}

/// Who has started the process; `None` when there is none.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // What is before the last bracket is its name, whatever that is.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

fn run(settings: &[String], environment: &[(&str, String)], port: u16, dir: &TempDir) -> Child {
    files::command(env!("POSTGRES"), dir.path())
        .arg("-D")
        .arg(dir.path())
        .args(["-p", &port.to_string()])
        .args(["-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="])
        .args(settings.iter().flat_map(|setting| ["-c", setting]))
        .envs(environment.iter().cloned())
        .stderr(File::options().append(true).create(true).open(dir.path().join(LOG)).unwrap())
        .spawn()
        .unwrap()
}

/// A folder with fresh databases.
fn cluster(disk: &Path) -> TempDir {
    files::filled("postgres", OWNER, disk, |dir| {
        let arguments = ["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--username", OWNER];
        files::command(env!("INITDB"), dir).arg("-D").arg(dir).args(arguments).status().unwrap()
    })
}
