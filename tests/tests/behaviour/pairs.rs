//! Every pair of operations in one request, in both orders: a table says what each must give.
//!
//! The operations work on the fields `a` (the first) and `a` or `b` (the second). A cell has `a` and `b` as the next request
//! finds them (`·` absent; `1`, `2` set by the first or second operation; `A`, `B` as stored before; `+` appended by an
//! update), and what became of the cookie: `=` as it was, `new`, `gone`, or `none` as before.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use session_runtime::{Result, Session, SessionData, SessionManager, Token};
use session_tests::{TestStore, on_each_store};
use tower::ServiceExt as _;

#[derive(SessionData)]
struct Pair {
    a: Option<String>,
    b: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Set,
    Update,
    Take,
    Remove,
    Destroy,
    Regenerate,
    Commit,
}

use Op::{Commit, Destroy, Regenerate, Remove, Set, Take, Update};

/// First and second operation; in a new session on the same field and on the other, in a stored one likewise.
type Row = (Op, Op, [&'static str; 4]);

#[rustfmt::skip]
const TABLE: &[Row] = &[
//   first       second        new, same      new, other     stored, same   stored, other
    (Set,        Set,        ["2 · new",     "1 2 new",     "2 B =",       "1 2 ="]),
    (Set,        Update,     ["1+ · new",    "1 + new",     "1+ B =",      "1 B+ ="]),
    (Set,        Take,       ["· · none",    "1 · new",     "· B =",       "1 · ="]),
    (Set,        Remove,     ["· · none",    "1 · new",     "· B =",       "1 · ="]),
    (Set,        Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Set,        Regenerate, ["1 · new",     "1 · new",     "1 B new",     "1 B new"]),
    (Set,        Commit,     ["1 · new",     "1 · new",     "1 B =",       "1 B ="]),
    (Update,     Set,        ["2 · new",     "+ 2 new",     "2 B =",       "A+ 2 ="]),
    (Update,     Update,     ["++ · new",    "+ + new",     "A++ B =",     "A+ B+ ="]),
    (Update,     Take,       ["· · none",    "+ · new",     "· B =",       "A+ · ="]),
    (Update,     Remove,     ["· · none",    "+ · new",     "· B =",       "A+ · ="]),
    (Update,     Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Update,     Regenerate, ["+ · new",     "+ · new",     "A+ B new",    "A+ B new"]),
    (Update,     Commit,     ["+ · new",     "+ · new",     "A+ B =",      "A+ B ="]),
    (Take,       Set,        ["2 · new",     "· 2 new",     "2 B =",       "· 2 ="]),
    (Take,       Update,     ["+ · new",     "· + new",     "+ B =",       "· B+ ="]),
    (Take,       Take,       ["· · none",    "· · none",    "· B =",       "· · ="]),
    (Take,       Remove,     ["· · none",    "· · none",    "· B =",       "· · ="]),
    (Take,       Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Take,       Regenerate, ["· · none",    "· · none",    "· B new",     "· B new"]),
    (Take,       Commit,     ["· · none",    "· · none",    "· B =",       "· B ="]),
    (Remove,     Set,        ["2 · new",     "· 2 new",     "2 B =",       "· 2 ="]),
    (Remove,     Update,     ["+ · new",     "· + new",     "+ B =",       "· B+ ="]),
    (Remove,     Take,       ["· · none",    "· · none",    "· B =",       "· · ="]),
    (Remove,     Remove,     ["· · none",    "· · none",    "· B =",       "· · ="]),
    (Remove,     Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Remove,     Regenerate, ["· · none",    "· · none",    "· B new",     "· B new"]),
    (Remove,     Commit,     ["· · none",    "· · none",    "· B =",       "· B ="]),
    (Destroy,    Set,        ["2 · new",     "· 2 new",     "2 · new",     "· 2 new"]),
    (Destroy,    Update,     ["+ · new",     "· + new",     "+ · new",     "· + new"]),
    (Destroy,    Take,       ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Destroy,    Remove,     ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Destroy,    Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Destroy,    Regenerate, ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Destroy,    Commit,     ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Regenerate, Set,        ["2 · new",     "· 2 new",     "2 B new",     "A 2 new"]),
    (Regenerate, Update,     ["+ · new",     "· + new",     "A+ B new",    "A B+ new"]),
    (Regenerate, Take,       ["· · none",    "· · none",    "· B new",     "A · new"]),
    (Regenerate, Remove,     ["· · none",    "· · none",    "· B new",     "A · new"]),
    (Regenerate, Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Regenerate, Regenerate, ["· · none",    "· · none",    "A B new",     "A B new"]),
    (Regenerate, Commit,     ["· · none",    "· · none",    "A B new",     "A B new"]),
    (Commit,     Set,        ["2 · new",     "· 2 new",     "2 B =",       "A 2 ="]),
    (Commit,     Update,     ["+ · new",     "· + new",     "A+ B =",      "A B+ ="]),
    (Commit,     Take,       ["· · none",    "· · none",    "· B =",       "A · ="]),
    (Commit,     Remove,     ["· · none",    "· · none",    "· B =",       "A · ="]),
    (Commit,     Destroy,    ["· · none",    "· · none",    "· · gone",    "· · gone"]),
    (Commit,     Regenerate, ["· · none",    "· · none",    "A B new",     "A B new"]),
    (Commit,     Commit,     ["· · none",    "· · none",    "A B =",       "A B ="]),
];

#[test]
fn the_table_has_every_pair() {
    let all = [Set, Update, Take, Remove, Destroy, Regenerate, Commit];
    let pairs: Vec<_> = all.iter().flat_map(|first| all.map(|second| (*first, second))).collect();
    assert_eq!(TABLE.iter().map(|(first, second, _)| (*first, *second)).collect::<Vec<_>>(), pairs);
}

/// The four settings of a row: is the session stored, and is it the other field?
const SETTINGS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

on_each_store! {
    /// One after the other.
    async fn each_pair_gives_what_the_table_says(store) {
        for (first, second, cells) in TABLE {
            for ((stored, other), expected) in SETTINGS.into_iter().zip(cells) {
                let handler = move |session: Session<Pair>| async move {
                    perform(&session, *first, false, "1").await?;
                    perform(&session, *second, other, "2").await
                };
                let found = outcome(&store, stored, handler).await;
                assert_eq!(found, *expected, "{first:?}, then {second:?}; stored: {stored}, other field: {other}");
            }
        }
    }

    /// On two clones at once: it ends as one of the two orders does.
    async fn each_pair_at_once_gives_one_of_both_orders(store) {
        for (first, second, cells) in TABLE {
            for (at, (stored, other)) in SETTINGS.into_iter().enumerate() {
                let handler = move |session: Session<Pair>| async move {
                    let clone = session.clone();
                    let one = tokio::spawn(async move { perform(&session, *first, false, "1").await });
                    let two = tokio::spawn(async move { perform(&clone, *second, other, "2").await });
                    one.await.unwrap()?;
                    two.await.unwrap()
                };
                let reversed = move |session: Session<Pair>| async move {
                    perform(&session, *second, other, "2").await?;
                    perform(&session, *first, false, "1").await
                };
                let reversed = outcome(&store, stored, reversed).await;
                let found = outcome(&store, stored, handler).await;
                assert!(
                    found == cells[at] || found == reversed,
                    "{first:?} and {second:?} at once; stored: {stored}, other field: {other}: {found}"
                );
            }
        }
    }
}

async fn perform(session: &Session<Pair>, op: Op, on_b: bool, value: &str) -> Result<()> {
    let field = if on_b { &Pair::B } else { &Pair::A };
    match op {
        Set => session.set(field, value.to_owned()).await,
        Update => session.update(field, |value| value.get_or_insert_default().push('+')).await,
        Take => session.take(field).await.map(drop),
        Remove => session.remove(field).await,
        Destroy => session.destroy().await,
        Regenerate => session.regenerate().await,
        Commit => session.commit().await,
    }
}

/// Runs the handler in a request, and says how the next request finds the session.
async fn outcome<F, Fut>(store: &TestStore, stored: bool, handler: F) -> String
where
    F: FnOnce(Session<Pair>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let sessions = SessionManager::<Pair>::new(store.clone());
    let before = if stored { Some(stored_session(&sessions).await) } else { None };
    let set_cookie = respond(&sessions, before, handler).await;
    let (after, cookie) = match &set_cookie {
        None if stored => (before, "="),
        None => (None, "none"),
        Some(value) if value.starts_with("__Host-session=;") => (None, "gone"),
        Some(value) => (Some(token_in(value)), "new"),
    };
    if let (Some(before), true) = (before, cookie == "new" || cookie == "gone") {
        assert!(sessions.open(&before).await.unwrap().is_none(), "the token before must open nothing");
    }
    let fields = match after {
        Some(token) => {
            sessions.open(&token).await.unwrap().expect("the cookie opens a session").snapshot().await.unwrap()
        }
        None => Pair { a: None, b: None },
    };
    let show = |field: Option<String>| field.unwrap_or_else(|| "·".into());
    format!("{} {} {cookie}", show(fields.a), show(fields.b))
}

async fn stored_session(sessions: &SessionManager<Pair>) -> Token {
    let session = sessions.start().buffered();
    session.set_a("A".into()).await.unwrap();
    session.set_b("B".into()).await.unwrap();
    session.commit().await.unwrap();
    session.token().unwrap()
}

async fn respond<F, Fut>(sessions: &SessionManager<Pair>, token: Option<Token>, handler: F) -> Option<String>
where
    F: FnOnce(Session<Pair>) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = Result<()>> + Send,
{
    let routes = Router::new().route("/", get(handler)).layer(sessions.layer());
    let mut request = Request::new(Body::empty());
    if let Some(token) = token {
        request.headers_mut().insert(header::COOKIE, format!("__Host-session={token}").parse().unwrap());
    }
    let response = routes.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 200);
    let set_cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    assert!(set_cookies.len() <= 1, "{set_cookies:?}");
    set_cookies.first().map(|value| value.to_str().unwrap().to_owned())
}

fn token_in(set_cookie: &str) -> Token {
    set_cookie.split(['=', ';']).nth(1).unwrap().parse().unwrap()
}
