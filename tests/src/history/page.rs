//! A request to a page that makes one call.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use session_runtime::{Result, Session, SessionManager, Token};
use tower::ServiceExt as _;

use super::Registers;
use super::step::{Seen, Step};

/// What the call gave, and what opens the session after it. `None` when the handler was not reached.
type Answer = Option<(Result<()>, Option<Token>)>;

/// Makes the call in a request with this token, and stores what it has collected.
pub(super) async fn request(sessions: &SessionManager<Registers>, token: Token, step: Step, seen: Seen) -> Answer {
    let answer = Arc::new(Mutex::new(None));
    let told = Arc::clone(&answer);
    let page = move |session: Session<Registers>| async move {
        let result = match step.perform(&session, &seen).await {
            Ok(()) => session.commit().await,
            failed => failed,
        };
        *told.lock().unwrap_or_else(PoisonError::into_inner) = Some((result, session.token()));
    };
    let routes = Router::new().route("/", get(page)).layer(sessions.layer());
    let mut request = Request::new(Body::empty());
    request.headers_mut().insert(header::COOKIE, format!("__Host-session={token}").parse().unwrap());
    let Ok(_response) = routes.oneshot(request).await;
    answer.lock().unwrap_or_else(PoisonError::into_inner).take()
}
