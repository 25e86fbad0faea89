//! What both SQL servers withstand.

use std::error::Error as _;
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::join_all;
use session_runtime::record::{Basis, ChangeSet, Ending, Expiry, Guard, IndexChange, Outcome, SetField};
use session_runtime::{MySqlStore, PostgresStore, SessionId, SessionManager, Store};
use session_tests::{MariaDbServer, PostgresServer, Shop};

use crate::common::*;

/// A server with a database for the sessions.
trait SqlServer: Sized {
    type Store: Store + Clone;

    /// What its store is called.
    const STORE: &'static str;

    /// One that has each change on disk before it acknowledges it.
    async fn durable() -> Self;

    /// One that does not wait for the disk.
    async fn fast() -> Self;

    /// A store in it, which waits so long.
    async fn store(&self, timeout: Duration) -> Self::Store;

    /// All that the store's tables have.
    async fn rows(&self) -> Vec<u8>;

    fn kill(&mut self);
    async fn restart(&mut self);
    fn freeze(&self);
    fn thaw(&self);
}

/// The name of the database.
const DATABASE: &str = "shop";

impl SqlServer for MariaDbServer {
    type Store = MySqlStore;
    const STORE: &'static str = "MySqlStore";

    async fn durable() -> Self {
        let server = Self::durable().await;
        server.database(DATABASE).await;
        server
    }

    async fn fast() -> Self {
        let server = Self::with(&["--innodb-flush-log-at-trx-commit=0"]).await;
        server.database(DATABASE).await;
        server
    }

    async fn store(&self, timeout: Duration) -> MySqlStore {
        MySqlStore::open(&format!("{}/{DATABASE}", self.url())).await.unwrap().with_timeout(timeout)
    }

    async fn rows(&self) -> Vec<u8> {
        self.rows(DATABASE).await
    }

    fn kill(&mut self) {
        self.kill();
    }

    async fn restart(&mut self) {
        self.restart().await;
    }

    fn freeze(&self) {
        self.freeze();
    }

    fn thaw(&self) {
        self.thaw();
    }
}

impl SqlServer for PostgresServer {
    type Store = PostgresStore;
    const STORE: &'static str = "PostgresStore";

    async fn durable() -> Self {
        Self::durable().await
    }

    /// Whatever the level of transactions is.
    async fn fast() -> Self {
        Self::with(&["fsync=off", "default_transaction_isolation=repeatable read"]).await
    }

    async fn store(&self, timeout: Duration) -> PostgresStore {
        self.store().await.with_timeout(timeout)
    }

    async fn rows(&self) -> Vec<u8> {
        self.rows("public").await
    }

    fn kill(&mut self) {
        self.kill();
    }

    async fn restart(&mut self) {
        self.restart().await;
    }

    fn freeze(&self) {
        self.freeze();
    }

    fn thaw(&self) {
        self.thaw();
    }
}

/// Makes a test on each of them, in a module of its name.
macro_rules! on_both {
    ($($(#[$meta:meta])* async fn $name:ident<$server:ident>() $body:block)*) => {
        $($(#[$meta])* async fn $name<$server: SqlServer>() $body)*

        mod mariadb {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(has_mariadb), ignore = "needs MariaDB: apt-get install mariadb-server")]
                async fn $name() {
                    super::$name::<session_tests::MariaDbServer>().await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[cfg_attr(not(has_postgres), ignore = "needs PostgreSQL: apt-get install postgresql")]
                async fn $name() {
                    super::$name::<session_tests::PostgresServer>().await;
                }
            )*
        }
    };
}

/// How long a store waits.
const IMPATIENT: Duration = Duration::from_millis(500);
const PATIENT: Duration = Duration::from_secs(5);

on_both! {
    async fn what_was_acknowledged_survives_deaths_in_the_middle_of_commits<Server>() {
        let mut server = Server::durable().await;
        let sessions = SessionManager::<Shop>::new(server.store(Duration::from_secs(1)).await);
        survives_deaths(sessions, async || server.restart().await).await;
    }

    async fn a_dead_server_is_an_error_and_empties_nothing<Server>() {
        let mut server = Server::durable().await;
        let sessions = SessionManager::<Shop>::new(server.store(IMPATIENT).await);
        let token = begun(&sessions).await;
        server.kill();
        let failed = store_error(sessions.open(&token).await.expect_err("there is no server"));
        assert_eq!(failed.to_string(), format!("{} failed to load", Server::STORE));
        assert!(failed.source().is_some());
        server.restart().await;
        assert_eq!(count(&sessions, &token).await, 1);
    }

    async fn without_a_connection_it_is_certain_that_nothing_was_changed<Server>() {
        let mut server = Server::fast().await;
        let store = server.store(IMPATIENT).await;
        let (id, guard) = created(&store).await;
        // Longer than connections are taken to be well without asking: a second by the store, and another by its pool.
        tokio::time::sleep(Duration::from_millis(2200)).await;
        server.kill();
        let failed = store.commit(id, &change(guard), None).await.expect_err("there is no server");
        assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
        assert!(told(&failed).contains("no connection within 500ms"), "{}", told(&failed));
        let failed = store.destroy(id, guard, None).await.expect_err("there is no server");
        assert!(!failed.is_outcome_unknown(), "{}", told(&failed));
        // What is left of its shared memory ends with the next.
        server.restart().await;
    }

    async fn a_frozen_server_is_an_error_of_unknown_outcome_in_time<Server>() {
        let server = Server::fast().await;
        let store = server.store(IMPATIENT).await;
        let (id, guard) = created(&store).await;
        let change = change(guard);
        // Until its connection is free again.
        tokio::time::sleep(Duration::from_millis(100)).await;
        server.freeze();
        let asked = Instant::now();
        let failed = store.commit(id, &change, None).await.expect_err("nobody answers");
        assert!(failed.is_outcome_unknown(), "{}", told(&failed));
        assert!((500..1500).contains(&asked.elapsed().as_millis()), "{:?}", asked.elapsed());
        server.thaw();
        // Asked again, it is applied once, whether or not it was the first time.
        let again = loop {
            if let Ok(outcome) = store.commit(id, &change, None).await {
                break outcome;
            }
        };
        assert!(matches!(again, Outcome::Applied { .. }), "{again:?}");
    }

    /// More at once than there are connections.
    async fn operations_that_are_given_up_leave_their_connections_to_others<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let (id, guard) = created(&store).await;
        for _ in 0..20 {
            let mut tasks: Vec<_> = (0..30)
                .map(|_| {
                    let store = store.clone();
                    tokio::spawn(async move { store.commit(id, &change(guard), None).await })
                })
                .collect();
            let others = tasks.split_off(15);
            for (turns, task) in tasks.into_iter().enumerate() {
                for _ in 0..turns {
                    tokio::task::yield_now().await;
                }
                task.abort();
            }
            for other in others {
                let outcome = other.await.unwrap().unwrap();
                assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
            }
        }
    }

    async fn nodes_that_begin_at_once_on_an_empty_database_all_do<Server>() {
        let server = Server::fast().await;
        let changes = ChangeSet::new(Basis::Create(create()));
        for node in join_all((0..8).map(|_| server.store(PATIENT))).await {
            let outcome = node.commit(SessionId::from_bytes([1; 16]), &changes, None).await.unwrap();
            assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
        }
    }

    async fn racing_updates_of_several_nodes_lose_nothing<Server>() {
        let server = Server::fast().await;
        let nodes = [server.store(PATIENT).await, server.store(PATIENT).await].map(SessionManager::<Shop>::new);
        let token = begun(&nodes[0]).await;
        let writers: Vec<_> = (0..16)
            .map(|task| {
                let sessions = nodes[task % 2].clone();
                tokio::spawn(async move {
                    for _ in 0..20 {
                        let session = sessions.open(&token).await.unwrap().unwrap();
                        session.update_count(|count| *count += 1).await.unwrap();
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.await.unwrap();
        }
        assert_eq!(count(&nodes[1], &token).await, 1 + 16 * 20);
    }

    async fn nodes_that_sweep_at_once_delete_each_session_once_and_leave_nothing<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let empty = server.rows().await;
        for of in 0..200 {
            let index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
            let begins = ChangeSet { basis: Basis::Create(create()), index, ..change(Guard::Any) };
            store.commit(SessionId::from_bytes([of; 16]), &begins, None).await.unwrap();
        }
        assert_ne!(server.rows().await, empty);
        let later = Some(SystemTime::now() + Duration::from_secs(60));
        let sweeps: Vec<_> = (0..6)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.sweep(50, later).await.unwrap().len() })
            })
            .collect();
        let mut swept = 0;
        for sweep in sweeps {
            let deleted = sweep.await.unwrap();
            assert!(deleted <= 50, "{deleted}");
            swept += deleted;
        }
        while swept < 200 {
            let deleted = store.sweep(1000, later).await.unwrap().len();
            assert!(deleted > 0, "{swept} were swept");
            swept += deleted;
        }
        assert_eq!(swept, 200);
        assert_eq!(server.rows().await, empty);
    }

    /// Nothing tells of them again: not that there are more of them than a sweep may delete at once.
    async fn a_sweep_leaves_none_that_were_destroyed<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let empty = server.rows().await;
        for of in 0..20 {
            let (id, create) = (SessionId::from_bytes([of; 16]), create());
            let guard = Guard::Secret(create.secret_hash);
            let begins = ChangeSet { basis: Basis::Create(create), ..change(guard) };
            store.commit(id, &begins, None).await.unwrap();
            if of % 4 > 0 {
                assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
            }
        }
        let later = Some(SystemTime::now() + Duration::from_secs(120));
        assert_eq!(store.sweep(3, later).await.unwrap().len(), 3);
        assert_eq!(store.sweep(3, later).await.unwrap().len(), 2);
        assert_eq!(server.rows().await, empty);
    }

    async fn any_text_can_be_found_by<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let (id, guard) = created(&store).await;
        for value in ["", "a\0b", "é%_\\'\"", "a ", "A", &"long".repeat(10_000)] {
            let index = vec![IndexChange { index: "user", value: Some(value.into()) }];
            store.commit(id, &ChangeSet { index, ..ChangeSet::new(Basis::Guard(guard)) }, None).await.unwrap();
            assert_eq!(store.find("user", value, None).await.unwrap(), [id]);
        }
        for other in ["", "a", "USER"] {
            assert!(store.find("user", other, None).await.unwrap().is_empty());
        }
    }

    /// As long as anything can live, and a little longer.
    async fn times_without_end_are_kept<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let (id, guard) = created(&store).await;
        let field = SetField { expiry: Expiry::After(Duration::MAX), ..change(guard).set.remove(0) };
        let endless = Some(Duration::MAX);
        let changes =
            ChangeSet { set: vec![field], touch: endless, absolute: endless, ..ChangeSet::new(Basis::Guard(guard)) };
        let outcome = store.commit(id, &changes, None).await.unwrap();
        let Outcome::Applied { meta, now } = outcome else { panic!("{outcome:?}") };
        assert!(meta.expires() > now + Duration::from_secs(9_999 * 365 * 24 * 3600));
    }

    async fn a_creation_that_arrives_late_does_not_bring_back_what_was_destroyed<Server>() {
        let server = Server::fast().await;
        let store = server.store(PATIENT).await;
        let create = create();
        let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(create.secret_hash));
        let begins = ChangeSet { basis: Basis::Create(create), ..change(guard) };
        store.commit(id, &begins, None).await.unwrap();
        assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
        assert_eq!(store.commit(id, &begins, None).await.unwrap(), Outcome::Gone);
        assert!(store.load(id, &[], None).await.unwrap().is_none());
        let after = |seconds| Some(SystemTime::now() + Duration::from_secs(seconds));
        assert_eq!(store.sweep(10, after(50)).await.unwrap(), []);
        assert_eq!(store.commit(id, &begins, after(60)).await.unwrap(), Outcome::Gone);
        assert_eq!(store.sweep(10, after(60)).await.unwrap(), [], "it did not expire");
        let outcome = store.commit(id, &begins, after(60)).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "its ID is free");
    }
}
