//! A sign-in that another overtakes, so that it is taken back: [`OnLimit::Refuse`] between two nodes.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use axum::Router;
use axum::routing::get;
use session_runtime::{OnLimit, Session, SessionData, SessionError, SessionManager, async_trait};
use session_tests::{Around, Happens, Site, TestStore};

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    cart: Vec<String>,
}

/// Another node signs the user in between this node's write and its second look, and out again before it has looked so many
/// times.
struct Overtakes {
    other_node: SessionManager<Account>,
    looks: Arc<AtomicUsize>,
    signs_out_before: usize,
}

#[async_trait]
impl Happens for Overtakes {
    const LEAVES_COMMITS: bool = true;

    async fn before_find(&self) {
        let look = self.looks.fetch_add(1, Relaxed) + 1;
        if look == 2 {
            self.other_node.start().set_user(7).await.unwrap();
        }
        if look == self.signs_out_before {
            // What both have stored of the user is ended, but this node's is taken back by now.
            self.other_node.revoke_all(&Account::USER, &7).await.unwrap();
        }
    }
}

fn overtaken(inner: TestStore, looks: &Arc<AtomicUsize>, signs_out_before: usize) -> SessionManager<Account> {
    let other_node = SessionManager::new(inner.clone());
    let store = Around::new(inner, Overtakes { other_node, looks: Arc::clone(looks), signs_out_before });
    SessionManager::builder(store).max_sessions(&Account::USER, 1, OnLimit::Refuse).build().unwrap()
}

/// A visitor who is about to sign in, with something else in the buffer; how often this node has looked; and another node.
async fn about_to_sign_in(signs_out_before: usize) -> (Session<Account>, Arc<AtomicUsize>, SessionManager<Account>) {
    let (inner, looks) = (session_tests::memory().await.0, Arc::new(AtomicUsize::new(0)));
    let other = SessionManager::new(inner.clone());
    let sessions = overtaken(inner, &looks, signs_out_before);
    let session = sessions.start().buffered();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    session.set_user(7).await.unwrap();
    (session, looks, other)
}

const NEVER: usize = 0;

#[tokio::test]
async fn taken_back_and_refused_it_leaves_the_rest_and_nothing_of_itself() {
    let (session, looks, other) = about_to_sign_in(NEVER).await;
    let refused = session.commit().await.unwrap_err();
    assert!(matches!(refused, SessionError::LimitReached { field: "user" }), "{refused}");
    assert_eq!(looks.load(Relaxed), 3, "it looked before and after its write, and once more");
    assert_eq!(session.user().await.unwrap(), None);
    session.commit().await.unwrap();
    assert_eq!(other.sessions(&Account::USER, &7).await.unwrap().len(), 1, "the other one's");
    let stored = other.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!((stored.user().await.unwrap(), stored.cart().await.unwrap()), (None, vec!["tea".to_owned()]));
}

#[tokio::test]
async fn taken_back_it_is_done_once_there_is_room() {
    let (session, _, other) = about_to_sign_in(3).await;
    session.commit().await.unwrap();
    assert_eq!(other.sessions(&Account::USER, &7).await.unwrap().len(), 1);
    let stored = other.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!((stored.user().await.unwrap(), stored.cart().await.unwrap()), (Some(7), vec!["tea".to_owned()]));
}

/// Whoever gives up while it is taken back has it in the buffer still.
#[tokio::test]
async fn given_up_in_between_it_can_be_stored_later() {
    let (session, _, other) = about_to_sign_in(3).await;
    {
        let mut commit = pin!(session.commit());
        let pending = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(pending, Poll::Pending), "it waits a little before it tries again");
    }
    session.commit().await.unwrap();
    let stored = other.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.user().await.unwrap(), Some(7));
}

async fn sign_in(session: Session<Account>) -> Result<(), SessionError> {
    session.set_cart(vec!["tea".into()]).await?;
    session.set_user(7).await
}

/// The store never waits, but the response must: for the pause before the sign-in is tried again.
#[tokio::test]
async fn a_response_waits_until_there_is_room() {
    let (inner, looks) = (session_tests::memory().await.0, Arc::default());
    let sessions = overtaken(inner.clone(), &looks, 3);
    let site = Site::open(&sessions, Router::new().route("/", get(sign_in))).await;
    let visitor = site.visitor();
    let reply = visitor.get("/").await;
    assert_eq!((reply.status.as_u16(), reply.set_cookies.len()), (200, 1), "{reply:?}");
    assert!(looks.load(Relaxed) > 3, "it was tried again");
    let other = SessionManager::<Account>::new(inner);
    assert_eq!(other.sessions(&Account::USER, &7).await.unwrap().len(), 1);
    let stored = other.open(&visitor.token()).await.unwrap().unwrap();
    assert_eq!((stored.user().await.unwrap(), stored.cart().await.unwrap()), (Some(7), vec!["tea".to_owned()]));
}
