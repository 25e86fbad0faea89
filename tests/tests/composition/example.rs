//! The example: a library's routes in an application, with a visitor who keeps cookies.

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use composition_accounts::{UserId, user_of};
use composition_site::{Site, app};
use session_runtime::{MemoryStore, SessionManager, Token};
use tower::ServiceExt as _;

use super::{Reply, cookie_value, reply};

struct Visitor {
    site: Router,
    cookie: Option<String>,
}

impl Visitor {
    fn new(sessions: &SessionManager<Site>) -> Self {
        Self { site: app(sessions), cookie: None }
    }

    async fn get(&mut self, path: &str) -> String {
        let reply = self.send(Method::GET, path, String::new()).await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        reply.text
    }

    async fn post(&mut self, path: &str, form: String) -> StatusCode {
        self.send(Method::POST, path, form).await.status
    }

    async fn send(&mut self, method: Method, path: &str, form: String) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, format!("__Host-session={cookie}"));
        }
        let response = self.site.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        let reply = reply(response).await;
        assert!(reply.cookies.len() <= 1, "one session, one cookie: {reply:?}");
        for cookie in &reply.cookies {
            self.cookie = Some(cookie_value(cookie).to_owned());
        }
        reply
    }

    /// What the form for signing in must send back.
    async fn csrf(&mut self) -> String {
        let page = self.get("/sign-in").await;
        let (_, rest) = page.split_once("type=hidden value=").unwrap();
        rest.split_once('>').unwrap().0.to_owned()
    }

    fn token(&self) -> Token {
        self.cookie.as_ref().unwrap().parse().unwrap()
    }
}

#[tokio::test]
async fn a_visitor_signs_in_is_greeted_and_signs_out() {
    let sessions = SessionManager::new(MemoryStore::new());
    let mut ada = Visitor::new(&sessions);
    assert!(ada.get("/").await.contains("Visit 1."));
    assert_eq!(ada.get("/who").await, "You are not signed in.\n");
    let csrf = ada.csrf().await;
    let before = ada.token();

    assert_eq!(ada.post("/sign-in", format!("name=Ada&csrf={csrf}")).await, StatusCode::SEE_OTHER);
    assert_ne!(ada.token(), before, "signing in replaces the cookie");
    assert_eq!(ada.token().id(), before.id(), "of the same session");
    assert_eq!(ada.get("/who").await, "You are Ada.\n");
    assert_eq!(ada.get("/messages").await, "Hello, Ada.\n");
    assert_eq!(ada.get("/messages").await, "", "shown once");
    let home = ada.get("/").await;
    assert!(home.contains("Visit 2.") && home.contains("Sign out"), "the application knows both: {home}");

    let signed_in = ada.token();
    assert_eq!(ada.post("/sign-out", String::new()).await, StatusCode::SEE_OTHER);
    assert_ne!(ada.token().id(), signed_in.id());
    assert!(sessions.open(&signed_in).await.unwrap().is_none());
    assert_eq!(ada.get("/messages").await, "You are signed out.\n");
    assert_eq!(ada.get("/who").await, "You are not signed in.\n");
}

#[tokio::test]
async fn a_form_without_its_secret_signs_nobody_in() {
    let sessions = SessionManager::new(MemoryStore::new());
    let mut ada = Visitor::new(&sessions);
    let csrf = ada.csrf().await;
    assert_eq!(ada.post("/sign-in", "name=Ada&csrf=guessed".into()).await, StatusCode::FORBIDDEN);
    assert_eq!(ada.post("/sign-in", format!("name=Ada&csrf={csrf}")).await, StatusCode::FORBIDDEN, "one try");
    assert_eq!(ada.get("/who").await, "You are not signed in.\n");
}

#[tokio::test]
async fn the_library_reads_its_slice_without_http() {
    let sessions = SessionManager::new(MemoryStore::new());
    let mut ada = Visitor::new(&sessions);
    let csrf = ada.csrf().await;
    assert_eq!(user_of(&sessions, &ada.token()).await.unwrap(), None);
    ada.post("/sign-in", format!("name=Ada&csrf={csrf}")).await;
    assert_eq!(user_of(&sessions, &ada.token()).await.unwrap(), Some(UserId("Ada".into())));
}
