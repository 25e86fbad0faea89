#!/usr/bin/env python3
"""What a session crate costs the compiler of a program: the same small application with each, in one table in Markdown.

    python3 bench/compile/peers.py [--runs 5] [--keep FOLDER]

Nothing but Python, cargo and the crates is needed. `README.md` says what is measured, and how.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]

AXUM = """axum = { version = "0.8", default-features = false, features = ["http1", "json", "tokio"] }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["macros", "net", "rt-multi-thread"] }
"""
ACTIX = """actix-web = { version = "4", default-features = false, features = ["cookies", "macros"] }
serde = { version = "1", features = ["derive"] }
"""
OURS = f'session-runtime = {{ path = "{ROOT / "session-runtime"}"'

ITEM = """
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Item {
    sku: u64,
    name: String,
    quantity: u32,
}
"""
SERVE = """
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
"""

BARE = ITEM + """
use axum::{Router, routing::{get, post}};

#[tokio::main]
async fn main() {
    let cart = || async { axum::Json(Vec::<Item>::new()) };
    let app = Router::new().route("/", get(|| async { "1" })).route("/cart", get(cart)).route("/login", post(|| async {}));
""" + SERVE

SESSION_RUNTIME = ITEM + """
use axum::{Json, Router, routing::{get, post}};
use session_runtime::{Session, SessionData, SessionError, SessionManager};

#[derive(SessionData)]
struct Shop {
    #[session(rotate)]
    user: Option<u64>,
    counter: u64,
    cart: Vec<Item>,
}

async fn visit(session: Session<Shop>) -> Result<String, SessionError> {
    Ok(session.update_counter(|counter| { *counter += 1; *counter }).await?.to_string())
}

async fn cart(session: Session<Shop>) -> Result<Json<Vec<Item>>, SessionError> {
    session.update_cart(|cart| cart.push(Item::default())).await?;
    Ok(Json(session.cart().await?))
}

async fn login(session: Session<Shop>) -> Result<(), SessionError> {
    session.set_user(1).await
}

#[tokio::main]
async fn main() {
    let sessions = SessionManager::<Shop>::new(STORE);
    let app = Router::new().route("/", get(visit)).route("/cart", get(cart)).route("/login", post(login)).layer(sessions.layer());
""" + SERVE

TOWER_SESSIONS = ITEM + """
use axum::{Json, Router, routing::{get, post}};
use tower_sessions::{MemoryStore, Session, SessionManagerLayer};

async fn visit(session: Session) -> String {
    let counter = session.get::<u64>("counter").await.unwrap().unwrap_or_default() + 1;
    session.insert("counter", counter).await.unwrap();
    counter.to_string()
}

async fn cart(session: Session) -> Json<Vec<Item>> {
    let mut cart = session.get::<Vec<Item>>("cart").await.unwrap().unwrap_or_default();
    cart.push(Item::default());
    session.insert("cart", &cart).await.unwrap();
    Json(cart)
}

async fn login(session: Session) {
    session.cycle_id().await.unwrap();
    session.insert("user", 1_u64).await.unwrap();
}

#[tokio::main]
async fn main() {
    let sessions = SessionManagerLayer::new(MemoryStore::default());
    let app = Router::new().route("/", get(visit)).route("/cart", get(cart)).route("/login", post(login)).layer(sessions);
""" + SERVE

AXUM_SESSION = ITEM + """
use axum::{Json, Router, routing::{get, post}};
use axum_session::{Session, SessionConfig, SessionLayer, SessionNullPool, SessionStore};

type Visitor = Session<SessionNullPool>;

async fn visit(session: Visitor) -> String {
    let counter = session.get::<u64>("counter").unwrap_or_default() + 1;
    session.set("counter", counter);
    counter.to_string()
}

async fn cart(session: Visitor) -> Json<Vec<Item>> {
    let mut cart = session.get::<Vec<Item>>("cart").unwrap_or_default();
    cart.push(Item::default());
    session.set("cart", &cart);
    Json(cart)
}

async fn login(session: Visitor) {
    session.renew();
    session.set("user", 1_u64);
}

#[tokio::main]
async fn main() {
    let store = SessionStore::<SessionNullPool>::new(None, SessionConfig::default()).await.unwrap();
    let app = Router::new()
        .route("/", get(visit))
        .route("/cart", get(cart))
        .route("/login", post(login))
        .layer(SessionLayer::new(store));
""" + SERVE

RUTS = ITEM + """
use axum::{Json, Router, routing::{get, post}};
use ruts::store::{Ttl, moka::{MokaStore, MokaStoreBuilder}};
use ruts::{CookieOptions, Session, SessionLayer};
use tower_cookies::CookieManagerLayer;

type Visitor = Session<MokaStore>;

fn day() -> Ttl {
    Ttl::new(86_400).unwrap()
}

async fn visit(session: Visitor) -> String {
    let counter = session.get::<u64>("counter").await.unwrap().unwrap_or_default() + 1;
    session.set("counter", &counter, day(), None).await.unwrap();
    counter.to_string()
}

async fn cart(session: Visitor) -> Json<Vec<Item>> {
    let mut cart = session.get::<Vec<Item>>("cart").await.unwrap().unwrap_or_default();
    cart.push(Item::default());
    session.set("cart", &cart, day(), None).await.unwrap();
    Json(cart)
}

async fn login(session: Visitor) {
    session.prepare_regenerate();
    session.set("user", &1_u64, day(), None).await.unwrap();
}

#[tokio::main]
async fn main() {
    let sessions = SessionLayer::new(std::sync::Arc::new(MokaStoreBuilder::new().build()));
    let sessions = sessions.with_cookie_options(CookieOptions::build().name("session").http_only(true).path("/"));
    let app = Router::new()
        .route("/", get(visit))
        .route("/cart", get(cart))
        .route("/login", post(login))
        .layer(sessions)
        .layer(CookieManagerLayer::new());
""" + SERVE

ACTIX_MAIN = """
#[actix_web::main]
async fn main() -> std::io::Result<()> {
    HttpServer::new(|| App::new()WRAP.route("/", web::get().to(visit)).route("/cart", web::get().to(cart)).route("/login", web::post().to(login)))
        .bind("127.0.0.1:0")?
        .run()
        .await
}
"""
BARE_ACTIX = ITEM + """
use actix_web::{App, HttpServer, web};

async fn visit() -> &'static str { "1" }
async fn cart() -> web::Json<Vec<Item>> { web::Json(Vec::new()) }
async fn login() -> &'static str { "" }
""" + ACTIX_MAIN.replace("WRAP", "")

ACTIX_SESSION = ITEM + """
use actix_session::{Session, SessionMiddleware, storage::CookieSessionStore};
use actix_web::{App, Error, HttpServer, cookie::Key, web};

async fn visit(session: Session) -> Result<String, Error> {
    let counter = session.get::<u64>("counter")?.unwrap_or_default() + 1;
    session.insert("counter", counter)?;
    Ok(counter.to_string())
}

async fn cart(session: Session) -> Result<web::Json<Vec<Item>>, Error> {
    let mut cart = session.get::<Vec<Item>>("cart")?.unwrap_or_default();
    cart.push(Item::default());
    session.insert("cart", &cart)?;
    Ok(web::Json(cart))
}

async fn login(session: Session) -> Result<&'static str, Error> {
    session.renew();
    session.insert("user", 1_u64)?;
    Ok("")
}
""" + ACTIX_MAIN.replace("WRAP", ".wrap(SessionMiddleware::new(CookieSessionStore::default(), Key::from(&[0; 64])))")

# The name in the table, the program's dependencies, its text, and the program without a session that it is compared with.
PROGRAMS = {
    "bare-axum": ("bare axum", AXUM, BARE, None),
    "ours-memory": (
        "this crate, no store but memory",
        AXUM + OURS + ', default-features = false, features = ["axum"] }\n',
        SESSION_RUNTIME.replace("STORE", "session_runtime::MemoryStore::new()"),
        "bare-axum",
    ),
    "ours-sqlite": (
        "this crate, its defaults: SQLite too",
        AXUM + OURS + " }\n",
        SESSION_RUNTIME.replace("STORE", 'session_runtime::SqliteStore::open("shop.db").await.unwrap()'),
        "bare-axum",
    ),
    "tower-sessions": ("tower-sessions 0.15, memory", AXUM + 'tower-sessions = "0.15"\n', TOWER_SESSIONS, "bare-axum"),
    "axum-session": ("axum_session 0.22, memory", AXUM + 'axum_session = "0.22"\n', AXUM_SESSION, "bare-axum"),
    "ruts": (
        "ruts 0.13, moka",
        AXUM + 'ruts = { version = "0.13", features = ["moka-store"] }\ntower-cookies = "0.11"\n',
        RUTS,
        "bare-axum",
    ),
    "bare-actix": ("bare actix-web", ACTIX, BARE_ACTIX, None),
    "actix-session": (
        "actix-session 0.11, cookie",
        ACTIX + 'actix-session = { version = "0.11", features = ["cookie-session"] }\n',
        ACTIX_SESSION,
        "bare-actix",
    ),
}


def write(folder, name):
    _, dependencies, text, _ = PROGRAMS[name]
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n{dependencies}\n[workspace]\n'
    )
    (folder / "src" / "main.rs").write_text(text)
    # The versions that the benchmarks at run time have, as far as they have them.
    lock = ROOT / "bench" / "peers" / "Cargo.lock"
    if lock.exists():
        (folder / "Cargo.lock").write_text(lock.read_text())


def cargo(folder, *arguments, check=True):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target"), "CARGO_TERM_COLOR": "never"}
    for variable in ("RUSTFLAGS", "CARGO_PROFILE_DEV_DEBUG", "CARGO_INCREMENTAL"):
        environment.pop(variable, None)
    done = subprocess.run(["cargo", *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"{folder.name}: cargo {' '.join(arguments)}\n{done.stderr}")
    return done.stdout


def seconds(folder, *arguments):
    begun = time.monotonic()
    cargo(folder, *arguments)
    return time.monotonic() - begun


def crates(folder):
    """All that is compiled for the program, each once, without the program itself."""
    tree = cargo(folder, "tree", "--prefix", "none", "--edges", "normal,build", "--no-dedupe")
    names = {line.split(" (")[0].strip() for line in tree.splitlines() if line.strip()}
    return len(names) - 1


def change(folder, run):
    """A handler is edited: what a program's author compiles all day."""
    main = folder / "src" / "main.rs"
    main.write_text(main.read_text().split("\n// edit")[0] + f"\n// edit {run}\npub fn edit_{run}() -> u32 {{ {run} }}\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--keep", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        root = arguments.keep or pathlib.Path(temporary)
        figures = {}
        for name in PROGRAMS:
            write(root / name, name)
            cargo(root / name, "fetch")
            figures[name] = {
                "crates": crates(root / name),
                "check": [seconds(root / name, "check")],
                "build": [seconds(root / name, "build")],
                "check again": [],
                "build again": [],
            }
        for run in range(arguments.runs):
            for name in PROGRAMS:
                change(root / name, run)
                figures[name]["check again"].append(seconds(root / name, "check"))
                figures[name]["build again"].append(seconds(root / name, "build"))
        print_table(figures)
        print("\n" + json.dumps(figures), file=__import__("sys").stderr)


def print_table(figures):
    print("| | crates | added | cold check, s | cold build, s | check after an edit, s | build after an edit, s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, (title, _, _, over) in PROGRAMS.items():
        own = figures[name]
        added = own["crates"] - figures[over]["crates"] if over else "–"
        times = [statistics.median(own[what]) for what in ("check", "build", "check again", "build again")]
        cells = " | ".join(f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}" for figure in times)
        print(f"| {title} | {own['crates']} | {added} | {cells} |")


if __name__ == "__main__":
    main()
