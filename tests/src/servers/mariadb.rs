//! MariaDB.

use std::path::Path;
use std::process::Child;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use session_runtime::MySqlStore;
use sqlx::mysql::MySqlConnection;
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio::sync::Mutex;

use super::clock::{Environment, ServerClock};
use super::{START, files, free_port, signal, stop};

/// Whom the servers belong to where the tests are root's.
const OWNER: &str = "mysql";

/// Small, for what is empty is copied often.
const LOG_SIZE: &str = "--innodb-log-file-size=8M";

/// The server that tests share which need nothing of their own but a database, for as long as there is one of them.
static SHARED: Mutex<Weak<MariaDbServer>> = Mutex::const_new(Weak::new());

/// A MariaDB server of its own. Ends when it is dropped.
#[derive(Debug)]
pub struct MariaDbServer {
    process: Child,
    settings: Vec<String>,
    environment: Environment,
    port: u16,
    dir: TempDir,
}

impl MariaDbServer {
    /// One that does not wait for the disk, shared with the other tests of this process.
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(server) = shared.upgrade() {
            return server;
        }
        let server = Arc::new(Self::with(&["--innodb-flush-log-at-trx-commit=0", "--max-connections=400"]).await);
        *shared = Arc::downgrade(&server);
        server
    }

    /// Starts one that has each change on disk before it acknowledges it, as is MariaDB's default.
    pub async fn durable() -> Self {
        Self::with(&["--innodb-flush-log-at-trx-commit=1"]).await
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
        let dir = files::filled("mariadb", OWNER, disk, |dir| {
            let mut program = files::command(env!("MARIADB_INSTALL_DB"), dir);
            program.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", LOG_SIZE]);
            program.arg(format!("--datadir={}", dir.display())).status().unwrap()
        });
        let (port, settings) = (free_port(), settings.iter().map(ToString::to_string).collect::<Vec<_>>());
        let mut server = {
            let process = run(&settings, &environment, port, &dir);
            Self { process, settings, environment, port, dir }
        };
        server.answers().await;
        server
    }

    /// Where it is, with no database.
    pub fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}", self.port)
    }

    /// Where a new database in it is.
    pub async fn database(&self, name: &str) -> String {
        self.execute(&format!("CREATE DATABASE {name}")).await;
        format!("{}/{name}", self.url())
    }

    /// A store in a new database of this name.
    pub async fn store(&self, name: &str) -> MySqlStore {
        MySqlStore::open(&self.database(name).await).await.unwrap()
    }

    /// Does this, for the administrator.
    pub async fn execute(&self, sql: &str) {
        let mut connection = MySqlConnection::connect(&self.url()).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    }

    /// All rows of all tables of a database, their bytes as they are.
    pub async fn rows(&self, database: &str) -> Vec<u8> {
        let mut connection = MySqlConnection::connect(&self.url()).await.unwrap();
        let names = "SELECT table_name, GROUP_CONCAT(column_name) FROM information_schema.columns \
                     WHERE table_schema = ? GROUP BY table_name";
        let tables: Vec<(String, String)> =
            sqlx::query_as(names).bind(database).fetch_all(&mut connection).await.unwrap();
        let mut rows = Vec::new();
        for (table, columns) in tables {
            let all = format!("SELECT CAST(CONCAT_WS(' ', {columns}) AS BINARY) FROM {database}.{table}");
            let all: Vec<Vec<u8>> = sqlx::query_scalar(AssertSqlSafe(all)).fetch_all(&mut connection).await.unwrap();
            rows.extend(all.concat());
        }
        connection.close().await.unwrap();
        rows
    }

    /// All that it has on disk.
    pub async fn files(&self) -> Vec<u8> {
        self.execute("SET GLOBAL innodb_max_dirty_pages_pct = 0; FLUSH TABLES").await;
        files::contents(self.dir.path())
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
        self.process = run(&self.settings, &self.environment, self.port, &self.dir);
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
    async fn answers(&mut self) {
        let started = Instant::now();
        while MySqlConnection::connect(&self.url()).await.is_err() {
            assert!(started.elapsed() < START, "the MariaDB server does not start");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for MariaDbServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(settings: &[String], environment: &[(&str, String)], port: u16, dir: &TempDir) -> Child {
    let in_dir = |name: &str| dir.path().join(name).display().to_string();
    files::command(env!("MARIADBD"), dir.path())
        .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve", LOG_SIZE])
        .arg(format!("--datadir={}", dir.path().display()))
        .arg(format!("--port={port}"))
        .arg(format!("--socket={}", in_dir("socket")))
        .arg(format!("--pid-file={}", in_dir("pid")))
        .args(settings)
        .envs(environment.iter().cloned())
        .spawn()
        .unwrap()
}
