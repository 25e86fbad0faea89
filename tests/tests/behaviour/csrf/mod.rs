//! Requests that pages of other sites cause: what the layers refuse, and what they let pass as it is.

mod costs;
mod forms;
mod origins;
mod tokens;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::request::Builder;
use axum::http::{Request, StatusCode, header};
use axum::routing::{get, post};
use futures_util::StreamExt as _;
use http_body_util::BodyExt as _;
use session_runtime::{CsrfError, Result, Session, SessionManager};
use session_tests::Shop;
use tower::ServiceExt as _;

type Handle = Session<Shop>;

/// The token as a page has it, or nothing.
async fn token(session: Handle) -> Result<String> {
    Ok(session.csrf_token().await?.map(|token| token.to_string()).unwrap_or_default())
}

/// How long each piece of the body is that comes to the handler.
async fn pieces(body: Body) -> String {
    let mut pieces = body.into_data_stream();
    let mut lengths = String::new();
    while let Some(piece) = pieces.next().await {
        lengths += &format!("{} ", piece.unwrap().len());
    }
    lengths
}

/// Pages that change the session and answer with the token of their forms, or with what they got.
fn routes() -> Router {
    let begin = async |session: Handle| {
        session.set_count(1).await?;
        token(session).await
    };
    let sign_in = async |session: Handle| {
        session.set_user(7).await?;
        token(session).await
    };
    let regenerate = async |session: Handle| {
        session.regenerate().await?;
        token(session).await
    };
    let sign_out = async |session: Handle| {
        session.destroy().await?;
        token(session).await
    };
    Router::new()
        .route("/begin", get(begin))
        .route("/form", get(token))
        .route("/count", get(async |session: Handle| session.count().await.map(|count| count.to_string())))
        .route("/add", post(async |session: Handle| session.update_count(|count| *count += 1).await))
        .route("/sign-in", post(sign_in).get(sign_in))
        .route("/regenerate", get(regenerate))
        .route("/sign-out", get(sign_out))
        .route("/echo", post(async |body: Bytes| body))
        .route("/pieces", post(pieces))
        .route("/nothing", get(async || ()).post(async || ()))
}

/// The routes, where each form needs a token.
fn with_tokens(sessions: &SessionManager<Shop>) -> Router {
    routes().layer(sessions.csrf_layer().require_token()).layer(sessions.layer())
}

/// A browser that keeps the session's cookie.
#[derive(Clone)]
struct Browser {
    routes: Router,
    cookie: String,
}

struct Answer {
    status: StatusCode,
    text: String,
    refused: Option<CsrfError>,
}

impl Browser {
    fn new(routes: Router) -> Self {
        Self { routes, cookie: String::new() }
    }

    /// One that has a session.
    async fn with_session(routes: Router) -> Self {
        let mut browser = Self::new(routes);
        browser.get("/begin").await;
        assert!(!browser.cookie.is_empty());
        browser
    }

    async fn get(&mut self, path: &str) -> Answer {
        self.send(Request::get(path), Body::empty()).await
    }

    /// Sends a form of a page of this site.
    async fn post(&mut self, path: &str, form: &str) -> Answer {
        self.send(form_to(path), form.to_owned().into()).await
    }

    /// Sends a form with this token.
    async fn post_with(&mut self, path: &str, token: &str) -> Answer {
        self.post(path, &format!("csrf_token={token}")).await
    }

    async fn send(&mut self, request: Builder, body: Body) -> Answer {
        let request = request.header(header::COOKIE, &self.cookie).body(body).unwrap();
        let response = self.routes.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        if let Some(set) = head.headers.get(header::SET_COOKIE) {
            self.cookie = set.to_str().unwrap().split(';').next().unwrap().to_owned();
        }
        let text = String::from_utf8_lossy(&body.collect().await.unwrap().to_bytes()).into_owned();
        Answer { status: head.status, text, refused: head.extensions.get().copied() }
    }
}

fn form_to(path: &str) -> Builder {
    Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

impl Answer {
    #[track_caller]
    fn passed(self) -> String {
        assert_eq!((self.status, self.refused), (StatusCode::OK, None), "{}", self.text);
        self.text
    }

    /// Nothing of the reason is in the answer.
    #[track_caller]
    fn refused(self, error: CsrfError) {
        assert_eq!((self.status, self.refused, &*self.text), (error.status(), Some(error), ""));
    }
}
