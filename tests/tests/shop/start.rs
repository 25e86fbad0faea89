//! How the program starts and ends.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::process::{Command, Output};

use session_tests::{MariaDbServer, PostgresServer, RedisServer, fresh_schema};

use crate::program::{Shop, command, folder, wait_for};
use crate::visitor::Visitor;

fn run_to_its_end(mut command: Command) -> Output {
    command.output().expect("the shop starts")
}

#[track_caller]
fn assert_one_line_error(output: &Output, parts: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(text.trim_end().lines().count(), 1, "{text}");
    assert!(parts.iter().all(|part| text.contains(part)), "{text} must contain {parts:?}");
    assert!(output.stdout.is_empty(), "nothing was opened, so nothing must be announced");
}

#[test]
fn a_taken_port_is_an_error_of_one_line() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = taken.local_addr().expect("a port").port();
    let folder = folder();
    let output = run_to_its_end(command(port, folder.path().join("shop.db")));
    assert_one_line_error(&output, &[&port.to_string(), "in use"]);
}

#[test]
fn a_database_that_cannot_be_written_is_an_error_of_one_line() {
    let folder = folder();
    let nonsense = folder.path().join("nonsense.db");
    std::fs::write(&nonsense, "not a database, whatever its name says".repeat(100)).expect("written");
    for db in [folder.path().to_owned(), folder.path().join("missing/shop.db"), nonsense] {
        let output = run_to_its_end(command(0, &db));
        assert_one_line_error(&output, &[&db.display().to_string()]);
    }
}

#[test]
fn a_store_that_there_is_not_is_an_error_of_one_line() {
    let output = run_to_its_end(command(0, "carrier-pigeon://127.0.0.1"));
    assert_one_line_error(&output, &["carrier-pigeon://", "--features"]);
}

/// A cart outlives the shop that it was filled in, wherever it is kept.
async fn keeps_a_cart(place: impl AsRef<OsStr>) {
    let (folder, ada) = (folder(), Visitor::default());
    let shop = Shop::on(&folder, &place, &[]);
    assert_eq!(ada.add(&shop, "tea").await.quantity("tea"), 1);
    drop(shop);
    let shop = Shop::on(&folder, &place, &[]);
    assert_eq!(ada.get(&shop, "/cart").await.quantity("tea"), 1);
}

#[tokio::test]
async fn the_shop_runs_on_files() {
    let folder = folder();
    keeps_a_cart(format!("files://{}", folder.path().join("sessions").display())).await;
}

#[tokio::test]
#[cfg_attr(not(has_redis), ignore = "needs Redis: apt-get install redis-server")]
async fn the_shop_runs_on_redis() {
    keeps_a_cart(RedisServer::start().await.url()).await;
}

#[tokio::test]
#[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
async fn the_shop_runs_on_postgres() {
    keeps_a_cart(PostgresServer::shared().await.url()).await;
}

#[tokio::test]
#[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
async fn the_shop_runs_on_mariadb() {
    let server = MariaDbServer::shared().await;
    keeps_a_cart(server.database(&fresh_schema()).await).await;
}

#[cfg(unix)]
#[tokio::test]
async fn ctrl_c_closes_the_shop() {
    let folder = folder();
    let mut shop = Shop::open(&folder);
    // Once it answers, it listens for ctrl-c too.
    Visitor::default().add(&shop, "tea").await;
    let id = shop.process.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().expect("kill runs");
    assert!(sent.success());
    let status = wait_for("the shop to end", || shop.process.try_wait().expect("our child"));
    assert_eq!(status.code(), Some(0));
    assert!(!folder.path().join("shop.db-wal").exists(), "the database must be closed");
}
