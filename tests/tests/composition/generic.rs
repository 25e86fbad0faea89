//! Slices with parameters, slices that are parameters, and code that is generic over the schema.

use axum::http::StatusCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use session_runtime::{Contains, MemoryStore, Result, Session, SessionData, SessionError, SessionManager};

use super::{Account, App, Auth, live_session, request};

/// A slice with a parameter.
#[derive(Debug, PartialEq, SessionData)]
#[session(prefix = "page")]
struct Page<V> {
    last: Option<V>,
    seen: Vec<V>,
}

/// An application that chose the parameter.
#[derive(SessionData)]
struct Shop {
    #[session(flatten)]
    page: Page<String>,
    cart: Vec<String>,
}

/// One that leaves it open.
#[derive(SessionData)]
struct Listing<V> {
    #[session(flatten)]
    page: Page<V>,
    size: u32,
}

/// One whose slice is a parameter.
#[derive(SessionData)]
#[session(prefix = "around")]
struct Around<S> {
    visits: u32,
    #[session(flatten)]
    inner: S,
}

fn manager<T: SessionData>() -> SessionManager<T> {
    SessionManager::new(MemoryStore::new())
}

#[tokio::test]
async fn a_slice_has_the_argument_that_was_chosen() {
    let session = manager::<Shop>().start();
    session.page().set_last("pear".into()).await.unwrap();
    session.page().update_seen(|seen| seen.push("apple".into())).await.unwrap();
    assert_eq!(session.keys().await.unwrap(), ["page.last", "page.seen"]);
    let page = Page { last: Some("pear".to_owned()), seen: vec!["apple".to_owned()] };
    assert_eq!(session.slice::<Page<String>>().snapshot().await.unwrap(), page);
    assert_eq!(session.snapshot().await.unwrap().page, page);
}

#[tokio::test]
async fn a_schema_may_leave_the_argument_of_its_slice_open() {
    let session = manager::<Listing<u16>>().start();
    session.page().set_last(9).await.unwrap();
    session.set_size(20).await.unwrap();
    let snapshot = session.snapshot().await.unwrap();
    assert_eq!((snapshot.page.last, snapshot.size), (Some(9), 20));
}

#[tokio::test]
async fn a_slice_may_be_a_parameter() {
    let session = manager::<Around<Auth>>().start();
    session.set_visits(1).await.unwrap();
    session.inner().set_user(7).await.unwrap();
    assert_eq!(session.slice::<Auth>().user().await.unwrap(), Some(7));
    assert_eq!(session.keys().await.unwrap(), ["around.visits", "auth.user"]);

    let nested = manager::<Around<Shop>>().start();
    nested.inner().page().set_last("pear".into()).await.unwrap();
    assert_eq!(nested.snapshot().await.unwrap().inner.page.last.as_deref(), Some("pear"));
}

#[tokio::test]
async fn handlers_take_slices_with_arguments() {
    let sessions = manager::<Around<Listing<u16>>>();
    let handler = |page: Session<Page<u16>>, listing: Session<Listing<u16>>| async move {
        page.set_last(9).await?;
        assert_eq!(listing.page().last().await?, Some(9));
        Ok::<_, SessionError>(())
    };
    assert_eq!(request(&sessions, None, handler).await.status, StatusCode::OK);
}

/// Of two arguments for one slice only the one that is there counts: the other is another schema.
#[tokio::test]
async fn a_slice_with_another_argument_is_another_slice() {
    let sessions = manager::<Listing<u16>>();
    let handler = |_: Session<Page<u32>>| async { "reached" };
    let reply = request(&sessions, None, handler).await;
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
}

/// What a library writes for whatever schema has its slice.
async fn attempts<T: SessionData + Contains<Auth>>(session: &Session<T>) -> Result<u32> {
    session.slice::<Auth>().attempts().await
}

async fn set_last<T, V>(session: &Session<T>, last: V) -> Result<()>
where
    T: SessionData + Contains<Page<V>>,
    V: Serialize + DeserializeOwned + Send + Sync + 'static,
{
    session.slice::<Page<V>>().set(&Page::<V>::LAST, last).await
}

#[tokio::test]
async fn code_can_be_generic_over_the_schema() {
    let sessions = manager::<App>();
    let session = sessions.open(&live_session(&sessions).await).await.unwrap().unwrap();
    assert_eq!(attempts(&session.account()).await.unwrap(), 1);
    assert_eq!(attempts(&session.slice::<Account>()).await.unwrap(), 1);
    assert_eq!(attempts(&manager::<Around<Auth>>().start()).await.unwrap(), 0);
    let shop = manager::<Shop>().start();
    set_last(&shop, "pear".to_owned()).await.unwrap();
    assert_eq!(shop.page().last().await.unwrap().as_deref(), Some("pear"));
}

/// So what a library writes for whatever has its slice works for the slice alone.
#[tokio::test]
async fn a_schema_is_the_whole_slice_of_itself() {
    let sessions = manager::<Auth>();
    let alone = sessions.slice::<Auth>().start();
    alone.set_attempts(3).await.unwrap();
    assert_eq!(attempts(&alone).await.unwrap(), 3);
    let session = sessions.open(&alone.token().unwrap()).await.unwrap().unwrap();
    assert_eq!(session.slice::<Auth>().id(), alone.id());

    // Of one that has slices too, and of one with parameters.
    let app = manager::<App>().slice::<App>().start();
    app.slice::<App>().account().set_name("Ada".into()).await.unwrap();
    assert_eq!(app.account().name().await.unwrap().as_deref(), Some("Ada"));
    let page = manager::<Page<String>>().start();
    set_last(&page, "pear".to_owned()).await.unwrap();
    assert_eq!(page.last().await.unwrap().as_deref(), Some("pear"));
}
