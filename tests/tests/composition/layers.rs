//! Which layer's session a handler gets, and what it is told where there is none.

use axum::http::StatusCode;
use session_runtime::testing::{FaultyStore, Operation};
use session_runtime::{CookieOptions, MemoryStore, Session, SessionData, SessionError, SessionManager};
use session_tests::Events;

use super::{Account, App, Auth, Messages, Reply, live_session, request, routes, send};

/// Another application with the same slice.
#[derive(SessionData)]
struct Other {
    #[session(flatten)]
    auth: Auth,
    other: u32,
}

fn manager<T: SessionData>() -> SessionManager<T> {
    SessionManager::new(MemoryStore::new())
}

/// With another cookie than `manager`'s.
fn second<T: SessionData>() -> SessionManager<T> {
    let cookie = CookieOptions::new().name("__Host-second");
    SessionManager::builder(MemoryStore::new()).cookie(cookie).build().unwrap()
}

/// In the order in which they were set: the inner layer's first.
fn cookie_names(reply: &Reply) -> Vec<&str> {
    reply.cookies.iter().map(|cookie| cookie.split('=').next().unwrap()).collect()
}

async fn reached(_: Session<Auth>) -> &'static str {
    "reached"
}

/// What the handler's author reads.
fn told(events: &Events) -> String {
    let text = events.text();
    text.lines().find(|line| line.contains("session error in a response")).unwrap_or_default().to_owned()
}

fn assert_opaque(reply: &Reply) {
    assert_eq!((reply.status, reply.text.as_str()), (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
}

#[tokio::test]
async fn without_a_layer_the_handler_is_not_reached_and_the_author_is_told() {
    let events = Events::collect();
    assert_opaque(&send(routes(reached), None).await);
    let told = told(&events);
    assert!(told.contains("`Session<composition::Auth>`"), "{told}");
    assert!(told.contains(".layer(sessions.layer())"), "{told}");
}

/// A session of another schema is never taken for one that has the slice.
#[tokio::test]
async fn under_a_schema_without_the_slice_the_author_is_told_to_add_it() {
    #[derive(SessionData)]
    struct Lacking {
        #[session(flatten)]
        messages: Messages,
    }
    let events = Events::collect();
    assert_opaque(&request(&manager::<Lacking>(), None, reached).await);
    let told = told(&events);
    assert!(told.contains("`Session<composition::Auth>`"), "{told}");
    assert!(told.contains("Lacking`") && told.contains("#[session(flatten)]"), "{told}");
}

/// The first mistake that is made: the application has sessions, but not yet the library's slice.
#[tokio::test]
async fn under_a_schema_without_any_slice_the_author_is_told_to_add_it() {
    #[derive(SessionData)]
    struct Plain {
        cart: Vec<String>,
    }
    let events = Events::collect();
    assert_opaque(&request(&manager::<Plain>(), None, reached).await);
    let told = told(&events);
    assert!(told.contains("a field of type `composition::Auth` with `#[session(flatten)]`"), "{told}");
}

/// The other way round there is no way: a slice's layer has no more than the slice.
#[tokio::test]
async fn the_whole_is_not_in_a_layer_of_a_slice() {
    assert_opaque(&request(&manager::<Auth>(), None, |_: Session<App>| async { "reached" }).await);
}

#[tokio::test]
async fn of_two_layers_with_the_slice_the_inner_one_counts() {
    let handler = |auth: Session<Auth>, app: Session<App>, other: Session<Other>| async move {
        auth.set_attempts(4).await?;
        let attempts = (app.account().auth().attempts().await?, other.auth().attempts().await?);
        Ok::<_, SessionError>(format!("{attempts:?}"))
    };
    let (app, other) = (manager::<App>(), second::<Other>());
    let reply = send(routes(handler).layer(app.layer()).layer(other.layer()), None).await;
    assert_eq!(reply.text, "(4, 0)");
    assert_eq!(cookie_names(&reply), ["__Host-session"], "of the layer that was written to");
    let reply = send(routes(handler).layer(other.layer()).layer(app.layer()), None).await;
    assert_eq!(reply.text, "(0, 4)");
    assert_eq!(cookie_names(&reply), ["__Host-second"]);
}

/// A slice that only the outer layer has is still found.
#[tokio::test]
async fn an_outer_layer_gives_what_the_inner_one_lacks() {
    let handler = |messages: Session<Messages>, other: Session<Other>| async move {
        messages.set_flash(vec!["hello".into()]).await?;
        other.set_other(1).await
    };
    let (app, other) = (manager::<App>(), second::<Other>());
    let reply = send(routes(handler).layer(other.layer()).layer(app.layer()), None).await;
    assert_eq!((reply.status, cookie_names(&reply)), (StatusCode::OK, vec!["__Host-second", "__Host-session"]));
}

async fn attempts_of_both(auth: Session<Auth>, app: Session<App>) -> Result<String, SessionError> {
    auth.set_attempts(4).await?;
    Ok(format!("{}", app.account().auth().attempts().await?))
}

/// A library that brings sessions of its own keeps them, inside the application's.
#[tokio::test]
async fn a_layer_of_exactly_the_slice_counts_inside_the_applications() {
    let (app, auth) = (manager::<App>(), second::<Auth>());
    let reply = send(routes(attempts_of_both).layer(auth.layer()).layer(app.layer()), None).await;
    assert_eq!(reply.text, "0");
    assert_eq!(cookie_names(&reply), ["__Host-second"]);
}

/// Outside too: a slice of another layer is for where there is no layer of exactly the schema.
#[tokio::test]
async fn a_layer_of_exactly_the_slice_counts_outside_the_applications() {
    let (app, auth) = (manager::<App>(), second::<Auth>());
    let reply = send(routes(attempts_of_both).layer(app.layer()).layer(auth.layer()), None).await;
    assert_eq!(reply.text, "0");
    assert_eq!(cookie_names(&reply), ["__Host-second"]);
}

#[tokio::test]
async fn the_applications_layer_twice_does_its_work_once() {
    let store = FaultyStore::new(MemoryStore::new());
    let app = SessionManager::<App>::new(store.clone());
    let reply = send(routes(attempts_of_both).layer(app.layer()).layer(app.layer()), None).await;
    assert_eq!((reply.text.as_str(), reply.cookies.len()), ("4", 1));
    assert_eq!(store.calls(), [Operation::Commit]);
}

/// The slice of a manager is that manager, and so is its layer.
#[tokio::test]
async fn a_layer_of_a_slice_alone_serves_the_session_of_the_whole() {
    let app = manager::<App>();
    let token = live_session(&app).await;
    let auth = app.slice::<Account>().slice::<Auth>();
    let reply = request(&auth, Some(token), |auth: Session<Auth>| async move { auth.set_attempts(8).await }).await;
    assert_eq!(reply.status, StatusCode::OK);
    let session = app.open(&token).await.unwrap().unwrap();
    assert_eq!(
        (session.account().auth().attempts().await.unwrap(), session.cart().await.unwrap()),
        (8, vec!["tea".into()])
    );
}

/// A library that was handed `sessions.slice()` puts its own layer around its routes, and the application another around all.
#[tokio::test]
async fn a_layer_of_a_slice_and_the_managers_own_are_one_layer() {
    for is_inside in [true, false] {
        let store = FaultyStore::new(MemoryStore::new());
        let app = SessionManager::<App>::new(store.clone());
        let auth = app.slice::<Account>().slice::<Auth>();
        let both = || match is_inside {
            true => routes(attempts_and_visits).layer(auth.layer()).layer(app.layer()),
            false => routes(attempts_and_visits).layer(app.layer()).layer(auth.layer()),
        };
        // A visitor gets one session.
        let reply = send(both(), None).await;
        assert_eq!((reply.text.as_str(), cookie_names(&reply)), ("4", vec!["__Host-session"]), "inside: {is_inside}");
        assert_eq!(store.calls(), [Operation::Commit], "inside: {is_inside}");
        let session = app.open(&reply.token()).await.unwrap().unwrap();
        assert_eq!(session.keys().await.unwrap(), ["visits", "auth.attempts"]);

        // And whoever has one keeps one state.
        let token = live_session(&app).await;
        store.forget();
        let reply = send(both(), Some(token)).await;
        assert_eq!((reply.text.as_str(), reply.cookies.len()), ("4", 0), "inside: {is_inside}");
        assert_eq!(store.calls(), [Operation::Commit], "inside: {is_inside}");
    }
}

async fn attempts_and_visits(auth: Session<Auth>, app: Session<App>) -> Result<String, SessionError> {
    auth.set_attempts(4).await?;
    app.set_visits(1).await?;
    Ok(format!("{}", app.account().auth().attempts().await?))
}

/// Layers of two slices, without the whole's.
#[tokio::test]
async fn layers_of_two_slices_are_one_layer() {
    let store = FaultyStore::new(MemoryStore::new());
    let app = SessionManager::<App>::new(store.clone());
    let (messages, account) = (app.slice::<Messages>(), app.slice::<Account>());
    let handler = |messages: Session<Messages>, auth: Session<Auth>| async move {
        messages.set_flash(vec!["hello".into()]).await?;
        auth.set_attempts(4).await
    };
    let reply = send(routes(handler).layer(messages.layer()).layer(account.layer()), None).await;
    assert_eq!(store.calls(), [Operation::Commit]);
    let session = app.open(&reply.token()).await.unwrap().unwrap();
    assert_eq!(session.keys().await.unwrap(), ["auth.attempts", "flash"]);
}

/// The innermost layer counts, also where an outer one of its manager has made the session already.
#[tokio::test]
async fn the_innermost_layer_counts_though_an_outer_one_made_its_session() {
    let app = manager::<App>();
    let other = second::<Other>();
    let auth = app.slice::<Account>().slice::<Auth>();
    let handler = |auth: Session<Auth>, app: Session<App>| async move {
        auth.set_attempts(4).await?;
        Ok::<_, SessionError>(format!("{}", app.account().auth().attempts().await?))
    };
    let reply = send(routes(handler).layer(auth.layer()).layer(other.layer()).layer(app.layer()), None).await;
    assert_eq!(reply.text, "4", "{reply:?}");
}
