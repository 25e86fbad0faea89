//! Each application over each store that there is for it.

use super::Store::{Memory, Postgres, Redis, Sqlite};
use super::{FLOOR, Served, Store, run};
use crate::apps::{actix, actix_sessions, axum_sessions, bare, floors, ours, ruts, tower_sessions};

const fn served(store: Store, name: &'static str, serve: fn(std::net::TcpListener, &str)) -> Served {
    Served { name, store, keeps: true, over: FLOOR, serve }
}

const BARE: &str = "bare axum";
const BARE_ACTIX: &str = "bare actix";
const OURS: &str = "session-runtime";
const LAZY: &str = "session-runtime, cart lazy";
const TOWER: &str = "tower-sessions 0.14";
const AXUM: &str = "axum_session 0.22";
const AXUM_UNCACHED: &str = "axum_session 0.22, no memory";
/// Needs Redis 7.4 there.
pub(super) const RUTS: &str = "ruts 0.13";
const ACTIX: &str = "actix-session 0.11";

/// All of them.
pub(super) const ALL: [Served; 31] = [
    Served { keeps: false, ..served(Memory, BARE, |at, _| run::router(at, async { bare::routes() })) },
    served(Memory, FLOOR, |at, _| run::router(at, async { floors::routes(floors::memory::Memory::default()) })),
    served(Memory, "session-runtime, Router::layer", |at, _| run::router(at, async { ours::memory() })),
    served(Memory, "session-runtime, around the router", |at, _| run::around(at, async { ours::memory_around() })),
    served(Memory, "tower-sessions 0.15", |at, _| run::router(at, async { tower_sessions::memory() })),
    served(Memory, AXUM, |at, _| run::router(at, axum_sessions::memory())),
    served(Memory, "ruts 0.13 (moka)", |at, _| run::router(at, async { ruts::memory() })),
    Served { keeps: false, over: BARE_ACTIX, ..served(Memory, BARE_ACTIX, |at, _| actix::serve(at)) },
    Served { over: BARE_ACTIX, ..served(Memory, ACTIX, |at, _| actix_sessions::serve(at)) },
    served(Redis, FLOOR, |at, url| run::router(at, async { floors::routes(floors::redis::Redis::open(url).await) })),
    served(Redis, OURS, |at, url| run::router(at, ours::eager::redis(url))),
    served(Redis, LAZY, |at, url| run::router(at, ours::lazy::redis(url))),
    served(Redis, "session-runtime, around the router", |at, url| run::around(at, ours::redis_around(url))),
    served(Redis, TOWER, |at, url| run::router(at, tower_sessions::redis(url))),
    served(Redis, AXUM, |at, url| run::router(at, axum_sessions::redis(url, axum_sessions::config()))),
    served(Redis, AXUM_UNCACHED, |at, url| run::router(at, axum_sessions::redis(url, axum_sessions::uncached()))),
    served(Redis, RUTS, |at, url| run::router(at, ruts::redis(url))),
    served(Redis, ACTIX, actix_sessions::serve_redis),
    served(Sqlite, FLOOR, |at, url| run::router(at, async { floors::routes(floors::sqlite::Sqlite::open(url).await) })),
    served(Sqlite, OURS, |at, url| run::router(at, ours::eager::sqlite(url))),
    served(Sqlite, LAZY, |at, url| run::router(at, ours::lazy::sqlite(url))),
    served(Sqlite, TOWER, |at, url| run::router(at, tower_sessions::sqlite(url))),
    served(Sqlite, AXUM, |at, url| run::router(at, axum_sessions::sqlite(url, axum_sessions::config()))),
    served(Sqlite, AXUM_UNCACHED, |at, url| run::router(at, axum_sessions::sqlite(url, axum_sessions::uncached()))),
    served(Postgres, FLOOR, |at, url| {
        run::router(at, async { floors::routes(floors::postgres::Postgres::open(url).await) })
    }),
    served(Postgres, OURS, |at, url| run::router(at, ours::eager::postgres(url))),
    served(Postgres, LAZY, |at, url| run::router(at, ours::lazy::postgres(url))),
    served(Postgres, TOWER, |at, url| run::router(at, tower_sessions::postgres(url))),
    served(Postgres, AXUM, |at, url| run::router(at, axum_sessions::postgres(url, axum_sessions::config()))),
    served(Postgres, AXUM_UNCACHED, |at, url| run::router(at, axum_sessions::postgres(url, axum_sessions::uncached()))),
    served(Postgres, RUTS, |at, url| run::router(at, ruts::postgres(url))),
];
