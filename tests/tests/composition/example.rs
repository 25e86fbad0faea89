//! The example: a library's routes in an application, with a visitor who keeps cookies.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header, request};
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
        let reply = self.send(Request::get(path), "").await;
        assert_eq!(reply.status, StatusCode::OK, "{path}");
        reply.text
    }

    async fn post(&mut self, path: &str, form: &'static str) -> StatusCode {
        self.send(Request::post(path).header("sec-fetch-site", "same-origin"), form).await.status
    }

    async fn send(&mut self, mut request: request::Builder, form: &'static str) -> Reply {
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
    let before = ada.token();

    assert_eq!(ada.post("/sign-in", "name=Ada").await, StatusCode::SEE_OTHER);
    assert_ne!(ada.token(), before, "signing in replaces the cookie");
    assert_eq!(ada.token().id(), before.id(), "of the same session");
    assert_eq!(ada.get("/who").await, "You are Ada.\n");
    assert_eq!(ada.get("/messages").await, "Hello, Ada.\n");
    assert_eq!(ada.get("/messages").await, "", "shown once");
    let home = ada.get("/").await;
    assert!(home.contains("Visit 2.") && home.contains("Sign out"), "the application knows both: {home}");

    let signed_in = ada.token();
    assert_eq!(ada.post("/sign-out", "").await, StatusCode::SEE_OTHER);
    assert_ne!(ada.token().id(), signed_in.id());
    assert!(sessions.open(&signed_in).await.unwrap().is_none());
    assert_eq!(ada.get("/messages").await, "You are signed out.\n");
    assert_eq!(ada.get("/who").await, "You are not signed in.\n");
}

#[tokio::test]
async fn the_form_of_another_site_signs_nobody_in_or_out() {
    let sessions = SessionManager::new(MemoryStore::new());
    let mut ada = Visitor::new(&sessions);
    let elsewhere = |path| Request::post(path).header("sec-fetch-site", "cross-site");
    assert_eq!(ada.send(elsewhere("/sign-in"), "name=Eve").await.status, StatusCode::FORBIDDEN);
    assert_eq!(ada.get("/who").await, "You are not signed in.\n");
    ada.post("/sign-in", "name=Ada").await;
    assert_eq!(ada.send(elsewhere("/sign-out"), "").await.status, StatusCode::FORBIDDEN);
    assert_eq!(ada.get("/who").await, "You are Ada.\n");
}

#[tokio::test]
async fn the_library_reads_its_slice_without_http() {
    let sessions = SessionManager::new(MemoryStore::new());
    let mut ada = Visitor::new(&sessions);
    ada.get("/").await;
    assert_eq!(user_of(&sessions, &ada.token()).await.unwrap(), None);
    ada.post("/sign-in", "name=Ada").await;
    assert_eq!(user_of(&sessions, &ada.token()).await.unwrap(), Some(UserId("Ada".into())));
}
