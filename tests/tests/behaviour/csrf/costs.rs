//! What the protection costs: the store is asked for nothing but the session that a token is of.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use session_runtime::testing::{Fault, FaultyStore, Operation};
use session_runtime::{CsrfError, MemoryStore, SessionManager};
use session_tests::{Events, Shop};
use tower::ServiceExt as _;

use super::{Browser, form_to, routes};

struct World {
    store: FaultyStore,
    /// By origins alone, and by tokens.
    visitors: [Browser; 2],
}

async fn world() -> World {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::new(store.clone());
    let csrf = sessions.csrf_layer();
    let [origins, tokens] = [routes().layer(csrf.clone()), routes().layer(csrf.require_token())]
        .map(|routes| routes.layer(sessions.layer()));
    let visitors = [Browser::with_session(origins).await, Browser::with_session(tokens).await];
    for mut visitor in visitors.clone() {
        // The first use moves the deadline.
        visitor.get("/count").await.passed();
    }
    store.forget();
    World { store, visitors }
}

/// A page costs nothing more, and nothing at all if it does not touch the session.
#[tokio::test]
async fn pages_cost_nothing() {
    let World { store, visitors } = world().await;
    for mut visitor in visitors {
        visitor.get("/nothing").await.passed();
        assert_eq!(store.calls(), []);
    }
}

/// What another origin causes costs no trip.
#[tokio::test]
async fn forged_requests_cost_nothing() {
    let World { store, visitors } = world().await;
    for mut visitor in visitors {
        let forged = Request::post("/add").header("sec-fetch-site", "cross-site");
        visitor.send(forged, Body::empty()).await.refused(CsrfError::CrossOrigin);
        assert_eq!(store.calls(), []);
    }
}

/// By origins alone a form costs nothing; with a token the load that reading the session would cost anyway.
#[tokio::test]
async fn forms_cost_a_load_where_they_need_a_token() {
    let World { store, visitors: [mut by_origin, mut by_token] } = world().await;
    by_origin.post("/nothing", "").await.passed();
    assert_eq!(store.calls(), []);
    let token = by_token.get("/form").await.passed();
    assert_eq!(store.calls(), [Operation::Load]);
    store.forget();
    by_token.post_with("/add", &token).await.passed();
    assert_eq!(store.calls(), [Operation::Load, Operation::Commit], "as an update does by itself");
    store.forget();
    by_token.post("/add", "").await.refused(CsrfError::MissingToken);
    assert_eq!(store.calls(), [Operation::Load]);
    store.forget();
    let mut nobody = Browser { cookie: String::new(), ..by_token.clone() };
    let mut malformed = Browser { cookie: "__Host-session=x".into(), ..by_token };
    for visitor in [&mut nobody, &mut malformed] {
        visitor.post("/nothing", "").await.passed();
        assert_eq!(store.calls(), []);
    }
}

/// A store that fails is a 500, and neither lets a form pass nor is it the form's fault.
#[tokio::test]
async fn a_failing_store_lets_nothing_pass() {
    let World { store, visitors: [_, mut ada] } = world().await;
    let token = ada.get("/form").await.passed();
    store.inject(1, Fault::Fail);
    let events = Events::collect();
    let answer = ada.post_with("/add", &token).await;
    assert_eq!((answer.status, answer.refused, &*answer.text), (StatusCode::INTERNAL_SERVER_ERROR, None, ""));
    assert_eq!(events.count("a request's CSRF token could not be checked"), 1, "{}", events.text());
    ada.post_with("/add", &token).await.passed();
}

/// Outside the session layer no token can be checked: that is an error of the program, told in an event.
#[tokio::test]
async fn a_token_layer_needs_the_session_layer() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let events = Events::collect();
    let routes: Router = routes().layer(sessions.layer()).layer(sessions.csrf_layer().require_token());
    let response = routes.clone().oneshot(form_to("/nothing").body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert!(events.text().contains("no layer gives this route a `Session<session_tests::Shop>`"), "{}", events.text());
    let page = Request::get("/nothing").body(Body::empty()).unwrap();
    assert_eq!(routes.oneshot(page).await.unwrap().status(), StatusCode::OK);
}
