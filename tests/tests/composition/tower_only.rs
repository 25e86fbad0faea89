//! Slices without axum's extractor: `Session::from_extensions`, in a bare tower service.

use std::convert::Infallible;

use axum::body::Body;
use axum::http::{Extensions, Request, Response, header};
use session_runtime::testing::{FaultyStore, Operation};
use session_runtime::{MemoryStore, Session, SessionError, SessionManager};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::{App, Auth, Messages, live_session, reply};

#[tokio::test]
async fn a_tower_service_gets_slices_from_the_extensions() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<App>::new(store.clone());
    let token = live_session(&sessions).await;
    store.forget();
    let service = sessions.layer().layer(service_fn(|request: Request<Body>| async move {
        let auth = Session::<Auth>::from_extensions(request.extensions()).unwrap();
        let messages = Session::<Messages>::from_extensions(request.extensions()).unwrap();
        let app = Session::<App>::from_extensions(request.extensions()).unwrap();
        auth.set_user(7).await.unwrap();
        messages.set_flash(vec!["welcome".into()]).await.unwrap();
        assert_eq!(app.snapshot().await.unwrap().account.auth.user, Some(7));
        Ok::<_, Infallible>(Response::new(Body::empty()))
    }));
    let request = Request::get("/").header(header::COOKIE, format!("__Host-session={token}"));
    let response = service.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let after = reply(response).await.token();
    assert_eq!(store.calls(), [Operation::Load, Operation::Commit]);
    let session = sessions.open(&after).await.unwrap().unwrap();
    assert_eq!(session.messages().flash().await.unwrap(), ["welcome"]);
}

#[test]
fn without_a_layer_there_is_an_error_that_says_so() {
    let error = Session::<Auth>::from_extensions(&Extensions::new()).unwrap_err();
    assert!(matches!(error, SessionError::Config { .. }), "{error:?}");
    let text = error.to_string();
    assert!(text.contains("`Session<composition::Auth>`") && text.contains(".layer(sessions.layer())"), "{text}");
    // A layer without slices leaves no trace, so there may be one.
    assert!(text.contains("`composition::Auth` with `#[session(flatten)]`"), "{text}");
}
