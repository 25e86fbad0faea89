//! Many requests in one session, in one process and in several.

use std::path::Path;
use std::process::{Command, Stdio};

use axum::Router;
use axum::routing::get;
use futures_util::future::join_all;
use session_runtime::{ObjectStore, Session, SessionManager, SqliteStore, Store};
use session_tests::{Shop, Site, on_each_store};

type Handle = Session<Shop>;

const REQUESTS: usize = 200;

fn routes() -> Router {
    Router::new()
        .route("/update", get(|session: Handle| async move { session.update_count(|count| *count += 1).await }))
        .route(
            "/read-update",
            get(|session: Handle| async move {
                session.cart().await?;
                session.update_count(|count| *count += 1).await
            }),
        )
        .route("/count", get(|session: Handle| async move { session.count().await.map(|count| count.to_string()) }))
        .route("/put-flash", get(|session: Handle| async move { session.set_flash("once".into()).await }))
        .route(
            "/take-flash",
            get(|session: Handle| async move { session.take_flash().await.map(Option::unwrap_or_default) }),
        )
        .route("/cart", get(|session: Handle| async move { session.set_cart(vec!["tea".into()]).await }))
        .route("/theme", get(|session: Handle| async move { session.set_theme(session_tests::Theme::Light).await }))
        .route("/history", get(|session: Handle| async move { session.set_history(vec![1, 2]).await }))
        .route(
            "/checkout",
            get(|session: Handle| async move {
                session.user().await?;
                session.set_checkout("form".into()).await
            }),
        )
}

on_each_store! {
    /// 200 requests at once that each add one: 200 are kept. Half of them had loaded the session before.
    async fn no_update_is_lost(store) {
        let site = Site::open(&SessionManager::<Shop>::new(store), routes()).await;
        let ada = site.visitor();
        ada.get("/cart").await;
        let pages = ["/update", "/read-update"];
        let replies = join_all((0..REQUESTS).map(|n| ada.get(pages[n % 2]))).await;
        assert!(replies.iter().all(|reply| reply.status == 200));
        assert_eq!(ada.get("/count").await.text, REQUESTS.to_string());
    }

    /// 64 requests that take one message: one gets it.
    async fn one_of_64_takers_wins(store) {
        let site = Site::open(&SessionManager::<Shop>::new(store), routes()).await;
        let ada = site.visitor();
        for _ in 0..10 {
            ada.get("/put-flash").await;
            let replies = join_all((0..64).map(|_| ada.get("/take-flash"))).await;
            assert_eq!(replies.iter().filter(|reply| reply.text == "once").count(), 1);
        }
    }

    /// Requests at once that each write another field: all are kept.
    async fn different_fields_are_all_kept(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let site = Site::open(&sessions, routes()).await;
        for _ in 0..20 {
            let ada = site.visitor();
            ada.get("/update").await;
            join_all(["/cart", "/theme", "/history", "/checkout", "/put-flash", "/update"].map(|page| ada.get(page))).await;
            let found = sessions.open(&ada.token()).await.unwrap().unwrap().snapshot().await.unwrap();
            let expected = Shop {
                user: None,
                cart: vec!["tea".into()],
                checkout: Some("form".into()),
                theme: session_tests::Theme::Light,
                history: vec![1, 2],
                count: 2,
                flash: Some("once".into()),
            };
            assert_eq!(found, expected);
        }
    }
}

/// Four processes on one SQLite file.
/// Whoever comes first makes the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_begin_at_once_without_a_file_all_do() {
    for _ in 0..20 {
        let folder = session_tests::folder();
        let path = folder.path().join("sessions.db");
        let opened = join_all((0..8).map(|_| tokio::spawn(SqliteStore::open(path.clone())))).await;
        for store in opened {
            store.unwrap().unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_between_processes_on_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("shared.db");
    no_update_is_lost_between_processes(SqliteStore::open(&file).await.unwrap(), &file).await;
}

/// Four processes on one folder of objects.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_update_is_lost_between_processes_on_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    no_update_is_lost_between_processes(ObjectStore::open(dir.path()).await.unwrap(), dir.path()).await;
}

/// 50 updates each, at once: 200 are kept.
async fn no_update_is_lost_between_processes(store: impl Store, place: &Path) {
    const PROCESSES: usize = 4;
    let sessions = SessionManager::<Shop>::new(store);
    let session = sessions.start();
    session.set_count(0).await.unwrap();
    let token = session.token().unwrap().to_string();
    let workers: Vec<_> = (0..PROCESSES).map(|_| spawn_counter(place, &token, REQUESTS / PROCESSES)).collect();
    for worker in workers {
        assert!(worker.await.unwrap(), "a process failed");
    }
    let found = sessions.open(&token.parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(found.count().await.unwrap(), REQUESTS as u64);
}

fn spawn_counter(place: &Path, token: &str, updates: usize) -> tokio::task::JoinHandle<bool> {
    let mut counter = Command::new(env!("CARGO_BIN_EXE_count"));
    counter.arg(place).arg(token).arg(updates.to_string()).stdin(Stdio::null());
    tokio::task::spawn_blocking(move || counter.status().unwrap().success())
}
