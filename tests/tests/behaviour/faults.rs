//! Stores that fail, hang or lose their answers; handlers that are dropped.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Waker};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::routing::get;
use session_runtime::testing::{Fault, FaultyStore, Operation};
use session_runtime::{Result, Session, SessionError, SessionManager, Token};
use session_tests::{Events, Shop, Site, TestStore, on_each_store};
use tower::ServiceExt as _;

type Handle = Session<Shop>;
type Running = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// What a handler may do, and what must be found afterwards if it was done.
struct Act {
    name: &'static str,
    run: fn(Handle) -> Running,
    done: fn(&Shop) -> bool,
}

macro_rules! acts {
    ($($name:literal, |$session:ident| $run:expr, |$shop:ident| $done:expr;)*) => {
        [$(Act { name: $name, run: |$session| Box::pin(async move { $run }), done: |$shop| $done }),*]
    };
}

fn acts() -> impl Iterator<Item = Act> {
    acts! {
        "set", |session| session.set_cart(vec!["new".into()]).await, |shop| shop.cart == ["new"];
        "update", |session| session.update_count(|count| *count += 1).await, |shop| shop.count == 43;
        "take", |session| session.take_flash().await.map(|flash| assert_eq!(flash.as_deref(), Some("once"))),
            |shop| shop.flash.is_none();
        "remove", |session| session.remove_flash().await, |shop| shop.flash.is_none();
        "sign in", |session| session.set_user(7).await, |shop| shop.user == Some(7);
        "regenerate", |session| session.regenerate().await, |shop| shop.count == 42;
        "read, then write all", |session| {
            session.snapshot().await?;
            session.set_cart(vec!["new".into()]).await?;
            session.set_history(vec![9]).await?;
            session.remove_flash().await?;
            session.set_user(7).await
        }, |shop| (&*shop.cart, &*shop.history, &shop.flash, shop.user) == (&["new".to_owned()], &[9], &None, Some(7));
    }
    .into_iter()
}

/// The fields of the session before a handler runs.
fn before() -> Shop {
    Shop {
        user: None,
        cart: vec!["tea".into()],
        checkout: None,
        theme: session_tests::Theme::Dark,
        history: vec![1],
        count: 42,
        flash: Some("once".into()),
    }
}

async fn begin(sessions: &SessionManager<Shop>) -> Token {
    let session = sessions.start().buffered();
    let shop = before();
    session.set_cart(shop.cart).await.unwrap();
    session.set_history(shop.history).await.unwrap();
    session.set_count(shop.count).await.unwrap();
    session.set_flash(shop.flash.unwrap()).await.unwrap();
    session.commit().await.unwrap();
    let token = session.token().unwrap();
    // Somebody came back with the token, so that no touch is due.
    sessions.open(&token).await.unwrap().unwrap();
    token
}

/// The whole response, and the token that the browser has after it.
async fn request(sessions: &SessionManager<Shop>, act: &Act, token: Token) -> (StatusCode, Token) {
    let response = response(sessions, act, token).await;
    let set_cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap());
    let after = set_cookie.map_or(token, |value| value.split(['=', ';']).nth(1).unwrap().parse().unwrap());
    (response.status(), after)
}

fn response(
    sessions: &SessionManager<Shop>,
    act: &Act,
    token: Token,
) -> impl Future<Output = axum::response::Response> + use<> {
    let run = act.run;
    let routes = Router::new().route("/", get(move |session: Handle| run(session))).layer(sessions.layer());
    let request =
        Request::get("/").header(header::COOKIE, format!("__Host-session={token}")).body(Body::empty()).unwrap();
    async move { routes.oneshot(request).await.unwrap() }
}

async fn find(sessions: &SessionManager<Shop>, token: Token) -> Option<Shop> {
    match sessions.open(&token).await.unwrap() {
        Some(session) => Some(session.snapshot().await.unwrap()),
        None => None,
    }
}

/// How many there are: some stores do to its end what nobody waits for any longer.
fn tasks() -> usize {
    tokio::runtime::Handle::current().metrics().num_alive_tasks()
}

on_each_store! {
    in_line;

    /// A commit whose answer is lost after it was applied is asked again, and is applied once.
    async fn a_lost_answer_is_asked_again(store) {
        for act in acts() {
            // Any of the first calls: of those that read, the answer is lost too, and that is an error.
            for call in 1..=2 {
                let faulty = FaultyStore::new(store.clone());
                let sessions = SessionManager::<Shop>::new(faulty.clone());
                let token = begin(&sessions).await;
                faulty.forget();
                faulty.inject(call, Fault::LoseAnswer);
                let (status, after) = request(&sessions, &act, token).await;
                let reads_first = faulty.calls().first() == Some(&Operation::Load);
                faulty.forget();
                let found = find(&sessions, after).await.expect("the session is there");
                match status {
                    StatusCode::OK => assert!((act.done)(&found), "{} with call {call} lost: {found:?}", act.name),
                    _ => assert_eq!(found, before(), "{} with call {call} lost", act.name),
                }
                assert_eq!(status == StatusCode::OK, call != 1 || !reads_first, "{} with call {call} lost", act.name);
            }
        }
    }

    /// The same when the request itself was lost: asked again, it is applied.
    async fn a_lost_request_is_asked_again(store) {
        for act in acts().filter(|act| ["set", "remove", "sign in", "regenerate"].contains(&act.name)) {
            let faulty = FaultyStore::new(store.clone());
            let sessions = SessionManager::<Shop>::new(faulty.clone());
            let token = begin(&sessions).await;
            faulty.inject(1, Fault::LoseRequest);
            let (status, after) = request(&sessions, &act, token).await;
            assert_eq!(status, StatusCode::OK);
            assert!((act.done)(&find(&sessions, after).await.unwrap()), "{}", act.name);
        }
    }

    /// A new session whose creation lost its answer is created once, and its cookie opens it.
    async fn a_lost_creation_is_asked_again(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        for act in acts().filter(|act| ["set", "update", "sign in"].contains(&act.name)) {
            faulty.forget();
            faulty.inject(1, Fault::LoseAnswer);
            let run = act.run;
            let routes = Router::new().route("/", get(move |session: Handle| run(session)));
            let site = Site::open(&sessions, routes).await;
            let ada = site.visitor();
            let reply = ada.get("/").await;
            assert_eq!((reply.status, reply.set_cookies.len()), (StatusCode::OK, 1), "{}", act.name);
            assert!(find(&sessions, ada.token()).await.is_some(), "{}", act.name);
        }
    }

    /// The store fails at each call in turn: nothing is half-written, nothing is emptied, the next request works.
    async fn a_store_that_fails_at_each_call(store) {
        for act in acts() {
            for call in 1..=3 {
                let faulty = FaultyStore::new(store.clone());
                let sessions = SessionManager::<Shop>::new(faulty.clone());
                let token = begin(&sessions).await;
                faulty.forget();
                faulty.inject(call, Fault::Fail);
                let (status, after) = request(&sessions, &act, token).await;
                let failed = faulty.calls().len() >= call;
                faulty.forget();
                assert_eq!(status == StatusCode::INTERNAL_SERVER_ERROR, failed, "{} at call {call}", act.name);
                if failed {
                    let found = find(&sessions, after).await.expect("the session is there");
                    assert_eq!(found, before(), "{} failed at call {call}", act.name);
                    let (status, after) = request(&sessions, &act, after).await;
                    assert_eq!(status, StatusCode::OK, "the next request works");
                    assert!((act.done)(&find(&sessions, after).await.unwrap()), "{} after call {call} failed", act.name);
                }
            }
        }
    }

    /// The handler is cancelled at each await point: nothing is half-written, and the next request works.
    async fn a_request_that_is_cancelled_at_each_await(store) {
        for act in acts() {
            for polls in 0..40 {
                let faulty = FaultyStore::new(store.clone());
                let sessions = SessionManager::<Shop>::new(faulty.clone());
                let token = begin(&sessions).await;
                let idle = tasks();
                let finished = poll_and_drop(response(&sessions, &act, token), polls).await;
                // What was on its way to the store arrives before this does.
                sessions.sweep().await.unwrap();
                while tasks() > idle {
                    tokio::task::yield_now().await;
                }
                // Whichever of both tokens it is that the store has now, it opens the session whole.
                let found = find(&sessions, token).await;
                if let Some(found) = found {
                    assert!(found == before() || (act.done)(&found), "{} after {polls} polls: {found:?}", act.name);
                    let (status, after) = request(&sessions, &act_of("update"), token).await;
                    assert_eq!(status, StatusCode::OK);
                    assert_eq!(find(&sessions, after).await.unwrap().count, found.count + 1);
                } else {
                    let rotates = ["sign in", "regenerate", "read, then write all"].contains(&act.name);
                    assert!(rotates, "{} after {polls} polls lost the session", act.name);
                }
                if finished {
                    break;
                }
            }
        }
    }

    /// The store hangs and the client goes away: nothing is left behind, and other requests work.
    async fn a_store_that_hangs(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        for act in acts() {
            faulty.inject(1, Fault::Hang);
            assert!(!poll_and_drop(response(&sessions, &act, token), 20).await, "{} did not hang", act.name);
            assert_eq!(find(&sessions, token).await, Some(before()), "after {} hung", act.name);
        }
        // An update that hung leaves its place in the queue.
        let (status, _) = request(&sessions, &act_of("update"), token).await;
        assert_eq!(status, StatusCode::OK);
    }

    /// A commit that was cancelled in the middle and a later one of the same handle: both are stored, each once.
    async fn a_cancelled_commit_is_settled_by_the_next(store) {
        for polls in 1..6 {
            let sessions = SessionManager::<Shop>::new(store.clone());
            let session = sessions.start().buffered();
            session.set_count(1).await.unwrap();
            poll_and_drop(session.commit(), polls).await;
            session.set_cart(vec!["tea".into()]).await.unwrap();
            session.commit().await.unwrap();
            let found = find(&sessions, session.token().unwrap()).await.unwrap();
            assert_eq!((found.count, found.cart), (1, vec!["tea".to_owned()]), "after {polls} polls");
        }
    }

    /// A commit that was given up half-way, and then the session is destroyed: nothing of it is left, and a new one can begin.
    async fn destroying_after_a_cancelled_commit_leaves_nothing(store) {
        for polls in 1..6 {
            let sessions = SessionManager::<Shop>::new(store.clone());
            let session = sessions.start().buffered();
            session.set_count(1).await.unwrap();
            let token = session.token().unwrap();
            poll_and_drop(session.commit(), polls).await;
            session.destroy().await.unwrap();
            sessions.sweep().await.unwrap();
            assert!(find(&sessions, token).await.is_none(), "after {polls} polls");
            session.set_count(2).await.unwrap();
            session.commit().await.unwrap();
            assert_eq!(find(&sessions, session.token().unwrap()).await.unwrap().count, 2);
        }
    }

    /// An update that was given up half-way, and then the session is destroyed: a new one can begin.
    async fn destroying_after_a_cancelled_update_leaves_nothing(store) {
        for polls in 1..6 {
            let sessions = SessionManager::<Shop>::new(store.clone());
            let token = begin(&sessions).await;
            let session = sessions.open(&token).await.unwrap().unwrap();
            poll_and_drop(session.update_count(|count| *count += 1), polls).await;
            session.destroy().await.unwrap();
            assert!(find(&sessions, token).await.is_none());
            session.set_count(2).await.unwrap();
            assert_eq!(find(&sessions, session.token().unwrap()).await.unwrap().count, 2);
        }
    }

    /// A commit that failed, its outcome unknown to the end, can be tried again without doing it twice.
    async fn an_unknown_outcome_is_settled_by_the_next_commit(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let session = sessions.start().buffered();
        session.set_count(1).await.unwrap();
        faulty.inject(1, Fault::LoseAnswer);
        faulty.inject(2, Fault::LoseAnswer);
        assert!(matches!(session.commit().await, Err(SessionError::Store(error)) if error.is_outcome_unknown()));
        session.set_cart(vec!["tea".into()]).await.unwrap();
        session.set_user(7).await.unwrap();
        session.commit().await.unwrap();
        let found = find(&sessions, session.token().unwrap()).await.unwrap();
        assert_eq!((found.count, found.cart.len(), found.user), (1, 1, Some(7)));
    }
}

/// A buffer that an abandoned request leaves is reported, and a clone that outlives its handler stores at once.
#[tokio::test]
async fn a_clone_that_outlives_its_handler_stores_at_once() {
    let events = Events::collect();
    let (store, _kept) = session_tests::memory().await;
    let sessions = SessionManager::<Shop>::new(store);
    let token = begin(&sessions).await;
    let (kept, mut clones) = tokio::sync::mpsc::unbounded_channel();
    let routes = Router::new()
        .route(
            "/",
            get(move |session: Handle| async move {
                session.set_count(99).await.unwrap();
                kept.send(session).unwrap();
                std::future::pending::<()>().await;
            }),
        )
        .layer(sessions.layer());
    let request =
        Request::get("/").header(header::COOKIE, format!("__Host-session={token}")).body(Body::empty()).unwrap();
    assert!(!poll_and_drop(routes.oneshot(request), 20).await);
    let clone = clones.recv().await.unwrap();
    assert_eq!(events.count("the handler was dropped or panicked"), 1, "{}", events.text());
    assert_eq!(clone.count().await.unwrap(), 42, "what was buffered is gone");
    clone.set_cart(vec!["late".into()]).await.unwrap();
    assert!(matches!(clone.set_user(7).await, Err(SessionError::ResponseSent)));
    let found = find(&sessions, token).await.unwrap();
    assert_eq!((found.count, found.cart, found.user), (42, vec!["late".to_owned()], None));
}

/// Time for a store that is only slow.
#[tokio::test(start_paused = true)]
async fn a_slow_store_is_waited_for() {
    let (store, _kept) = session_tests::memory().await;
    let faulty = FaultyStore::new(store as TestStore);
    let sessions = SessionManager::<Shop>::new(faulty.clone());
    let token = begin(&sessions).await;
    faulty.inject(1, Fault::Delay(Duration::from_secs(3)));
    let (status, after) = request(&sessions, &act_of("set"), token).await;
    assert_eq!((status, find(&sessions, after).await.unwrap().cart), (StatusCode::OK, vec!["new".to_owned()]));
}

fn act_of(name: &str) -> Act {
    acts().find(|act| act.name == name).unwrap()
}

/// Polls so often, lets others run in between, and drops the future; says whether it finished.
async fn poll_and_drop<T>(future: impl Future<Output = T>, polls: usize) -> bool {
    let mut future = pin!(future);
    for _ in 0..polls {
        if future.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            return true;
        }
        tokio::task::yield_now().await;
    }
    false
}
