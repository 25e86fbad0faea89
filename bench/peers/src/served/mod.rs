//! The applications as servers, each a process of its own that this program starts of itself.

mod apps;
mod process;
mod run;
mod store_server;

use std::net::TcpListener;

pub use process::Process;
pub use store_server::StoreServer;

/// Where sessions are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// In the process.
    Memory,
    /// In a file.
    Sqlite,
    /// In a Redis server.
    Redis,
    /// In a PostgreSQL server.
    Postgres,
}

impl Store {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Memory, Self::Redis, Self::Sqlite, Self::Postgres];

    /// What the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Sqlite => "SQLite",
            Self::Redis => "Redis",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// An application that can be served.
pub struct Served {
    /// What the tables call it.
    pub name: &'static str,
    /// Where it keeps its sessions.
    pub store: Store,
    /// Whether it keeps any.
    pub keeps: bool,
    /// The name of the application whose figures its own are divided by, of the same store.
    pub over: &'static str,
    /// Serves it, for as long as the process lives. The text says where the store is.
    serve: fn(TcpListener, &str),
}

/// The hand-written applications.
pub const FLOOR: &str = "hand-written floor";

impl Served {
    /// Those whose sessions are kept there; without ruts where the Redis server is too old for it.
    pub fn over(store: Store) -> impl Iterator<Item = &'static Self> {
        let has_all = store != Store::Redis || store_server::redis_expires_fields();
        apps::ALL.iter().filter(move |served| served.store == store && (has_all || served.name != apps::RUTS))
    }

    /// What identifies it on a command line.
    fn key(&self) -> String {
        format!("{}: {}", self.store.name(), self.name)
    }
}

/// What such a process does: says where it listens, and serves.
pub fn serve(key: &str, at: &str) {
    let served = apps::ALL.iter().find(|served| served.key() == key).expect("an application");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    (served.serve)(listener, at);
}
