//! The table of store operations per request: every row holds.

use std::future::Future;
use std::pin::Pin;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use session_runtime::testing::{FaultyStore, Operation};
use session_runtime::{MemoryStore, Result, Session, SessionData, SessionManager, Token};
use session_tests::{Shop, forged_token};
use tower::ServiceExt as _;

type Handler<T = Shop> = fn(Session<T>) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Reads and writes.
type Cost = (usize, usize);

struct Row {
    does: &'static str,
    handler: Handler,
    no_cookie: Cost,
    live: Cost,
    unknown: Cost,
}

macro_rules! rows {
    ($($does:literal, |$session:ident| $body:block, $no_cookie:tt $live:tt $unknown:tt;)*) => {
        vec![$(Row {
            does: $does,
            handler: |$session| Box::pin(async move { $body; Ok(()) }),
            no_cookie: $no_cookie,
            live: $live,
            unknown: $unknown,
        }),*]
    };
}

fn table() -> Vec<Row> {
    rows! {
        // What the handler does                               no cookie, live session, unknown token
        "nothing", |_session| {}, (0, 0) (0, 0) (0, 0);
        "asks for the ID", |session| { session.id(); session.is_new(); session.token() }, (0, 0) (0, 0) (0, 0);
        "reads one field", |session| { session.cart().await? }, (0, 0) (1, 0) (1, 0);
        "reads five fields", |session| {
            session.cart().await?;
            session.user().await?;
            session.has_checkout().await?;
            session.keys().await?;
            session.created_at().await?
        }, (0, 0) (1, 0) (1, 0);
        "reads four fields at once", |session| {
            let (cart, user, theme, keys) = tokio::join!(session.cart(), session.user(), session.theme(), session.keys());
            (cart?, user?, theme?, keys?)
        }, (0, 0) (1, 0) (1, 0);
        "reads one lazy field", |session| { session.history().await? }, (0, 0) (1, 0) (1, 0);
        "reads a lazy field after others", |session| { session.cart().await?; session.history().await? },
            (0, 0) (2, 0) (1, 0);
        "asks whether a lazy field exists, after others", |session| {
            session.cart().await?;
            session.has_history().await?
        }, (0, 0) (1, 0) (1, 0);
        "takes a snapshot", |session| { session.snapshot().await? }, (0, 0) (1, 0) (1, 0);
        "sets one field", |session| { session.set_count(9).await? }, (0, 1) (0, 1) (0, 2);
        "sets and removes many fields", |session| {
            session.set_count(9).await?;
            session.set_cart(vec!["tea".into()]).await?;
            session.set_history(vec![1, 2, 3]).await?;
            session.remove_checkout().await?
        }, (0, 1) (0, 1) (0, 2);
        "sets a field and reads it", |session| { session.set_count(9).await?; session.count().await? },
            (0, 1) (0, 1) (0, 2);
        "removes a field", |session| { session.remove_cart().await? }, (0, 0) (0, 1) (0, 1);
        "reads, then sets", |session| { session.count().await?; session.set_count(9).await? }, (0, 1) (1, 1) (1, 1);
        "reads, then sets an equal value", |session| {
            let count = session.count().await?;
            session.set_count(count).await?
        }, (0, 1) (1, 0) (1, 1);
        "updates a field", |session| { session.update_count(|count| *count += 1).await? }, (0, 1) (1, 1) (1, 1);
        "reads, then updates", |session| {
            session.cart().await?;
            session.update_count(|count| *count += 1).await?
        }, (0, 1) (1, 1) (1, 1);
        "takes a field", |session| { session.take_flash().await? }, (0, 0) (1, 1) (1, 0);
        "reads, then takes", |session| { session.cart().await?; session.take_flash().await? }, (0, 0) (1, 1) (1, 0);
        "regenerates", |session| { session.regenerate().await? }, (0, 0) (0, 1) (0, 1);
        "signs in", |session| { session.set_user(7).await? }, (0, 1) (0, 1) (0, 2);
        "signs in and is remembered", |session| {
            session.set_user(7).await?;
            session.remember(std::time::Duration::from_secs(9_000_000)).await?
        }, (0, 1) (0, 1) (0, 2);
        "remembers", |session| { session.remember(std::time::Duration::from_secs(9_000_000)).await? },
            (0, 0) (0, 1) (0, 1);
        "destroys", |session| { session.destroy().await? }, (0, 0) (0, 1) (0, 1);
        "reads, then destroys", |session| { session.cart().await?; session.destroy().await? }, (0, 0) (1, 1) (1, 0);
        "destroys, then sets", |session| { session.destroy().await?; session.set_count(1).await? },
            (0, 1) (0, 2) (0, 2);
    }
}

#[tokio::test]
async fn a_request_costs_what_the_table_says() {
    for row in table() {
        let store = FaultyStore::new(MemoryStore::new());
        let sessions = SessionManager::<Shop>::new(store.clone());
        let live = live_session(&sessions).await;
        let forged = forged_token().await;
        for (token, cost, case) in [
            (None, row.no_cookie, "no cookie"),
            (Some(forged), row.unknown, "unknown token"),
            (Some(live), row.live, "live"),
        ] {
            store.forget();
            request(&sessions, row.handler, token).await;
            assert_eq!(costs(&store), cost, "(reads, writes) when a handler {}, with {case}", row.does);
        }
    }
}

/// A malformed token costs nothing more than none.
#[tokio::test]
async fn a_malformed_token_costs_what_no_cookie_costs() {
    for row in table() {
        let store = FaultyStore::new(MemoryStore::new());
        let sessions = SessionManager::<Shop>::new(store.clone());
        request(&sessions, row.handler, Some("not-a-token")).await;
        assert_eq!(costs(&store), row.no_cookie, "when a handler {}", row.does);
    }
}

/// A conflict adds at most one read and one write.
#[tokio::test]
async fn a_conflict_adds_one_write() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::new(store.clone());
    let token = live_session(&sessions).await;
    let (one, two) = (sessions.open(&token).await.unwrap().unwrap(), sessions.open(&token).await.unwrap().unwrap());
    one.update_count(|count| *count += 1).await.unwrap();
    store.forget();
    two.update_count(|count| *count += 1).await.unwrap();
    assert_eq!(costs(&store), (0, 2));
    assert_eq!(two.count().await.unwrap(), 44);
}

/// Where only the value tells whether a field is there, by `on_mismatch`, a lazy one's comes with the first trip, or takes one
/// more; one that is not stored takes none.
#[tokio::test]
async fn asking_what_counts_as_absent_takes_no_trip_too_many() {
    #[derive(SessionData)]
    struct Before {
        plain: u64,
        slow: u64,
        slower: u64,
    }

    #[derive(SessionData)]
    struct After {
        #[session(on_mismatch = "default")]
        plain: Option<String>,
        #[session(lazy, on_mismatch = "default")]
        slow: Option<String>,
        #[session(lazy, on_mismatch = "default")]
        slower: u64,
        #[session(lazy, on_mismatch = "default")]
        never: u64,
    }

    macro_rules! trips {
        ($($trips:literal |$session:ident| $body:block;)*) => {
            [$(($trips, stringify!($body), (|$session| Box::pin(async move { $body; Ok(()) })) as Handler<After>)),*]
        };
    }

    let store = FaultyStore::new(MemoryStore::new());
    let before = SessionManager::<Before>::new(store.clone()).start().buffered();
    before.set_plain(1).await.unwrap();
    before.set_slow(2).await.unwrap();
    before.set_slower(3).await.unwrap();
    before.commit().await.unwrap();
    let sessions = SessionManager::<After>::new(store.clone());
    let token = before.token().unwrap();
    sessions.open(&token).await.unwrap().unwrap();
    let cases = trips! {
        1 |session| { session.keys().await? };
        1 |session| { session.has_plain().await? };
        1 |session| { session.has_slow().await? };
        1 |session| { session.keys().await?; session.has_slow().await?; session.has_slower().await? };
        1 |session| { session.keys().await?; session.slow().await?; session.slower().await?; session.keys().await? };
        1 |session| { session.plain().await?; session.has_plain().await?; session.has_never().await? };
        1 |session| { session.set_slow("new".into()).await?; session.has_slow().await?; session.keys().await? };
        2 |session| { session.plain().await?; session.keys().await?; session.has_slow().await?; session.keys().await? };
        2 |session| { session.plain().await?; session.has_slow().await?; session.has_slow().await?; session.slow().await? };
        2 |session| { session.has_slow().await?; session.keys().await?; session.has_slower().await? };
    };
    for (trips, body, handler) in cases {
        store.forget();
        request(&sessions, handler, Some(token)).await;
        assert_eq!(costs(&store).0, trips, "loads when a handler does {body}");
    }
}

/// A session with a value in each field, confirmed just now, so that no touch is due.
async fn live_session(sessions: &SessionManager<Shop>) -> Token {
    let session = sessions.start().buffered();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    session.set_history(vec![1]).await.unwrap();
    session.set_count(42).await.unwrap();
    session.set_flash("hello".into()).await.unwrap();
    session.commit().await.unwrap();
    let token = session.token().unwrap();
    sessions.open(&token).await.unwrap().unwrap();
    token
}

async fn request<T: SessionData>(sessions: &SessionManager<T>, handler: Handler<T>, token: Option<impl ToString>) {
    let routes = Router::new().route("/", get(move |session: Session<T>| handler(session))).layer(sessions.layer());
    let mut request = Request::new(Body::empty());
    if let Some(token) = token {
        let cookie = format!("__Host-session={}", token.to_string());
        request.headers_mut().insert(header::COOKIE, cookie.parse().unwrap());
    }
    let response = routes.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
}

fn costs(store: &FaultyStore) -> Cost {
    let calls = store.calls();
    let reads = calls.iter().filter(|call| **call == Operation::Load).count();
    (reads, calls.len() - reads)
}
