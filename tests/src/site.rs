//! A web site on loopback, and visitors who keep cookies.

use std::sync::{Arc, Mutex};

use axum::Router;
use reqwest::header::{CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use reqwest::{Client, StatusCode};
use session_runtime::{MemoryStore, SessionData, SessionManager, Token};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::Shop;

/// The name of the cookie.
const COOKIE_NAME: &str = "__Host-session";

/// A server on a free port of loopback, until it is dropped.
#[derive(Debug)]
pub struct Site {
    address: String,
    server: JoinHandle<()>,
}

impl Site {
    /// Serves the routes under the manager's layer.
    pub async fn open<T: SessionData>(sessions: &SessionManager<T>, routes: Router) -> Self {
        Self::serve(routes.layer(sessions.layer())).await
    }

    /// Serves the routes as they are.
    pub async fn serve(routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self { address, server }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }

    /// Somebody without a cookie.
    pub fn visitor(&self) -> Visitor {
        Visitor { address: self.address.clone(), client: Client::new(), cookie: Arc::default() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A browser: it keeps the session's cookie, removes it when told, and sends it with each request. Clones share the jar.
#[derive(Clone, Debug)]
pub struct Visitor {
    address: String,
    client: Client,
    cookie: Arc<Mutex<Option<String>>>,
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// The values of `Set-Cookie`.
    pub set_cookies: Vec<String>,
    /// The values of `Cache-Control`.
    pub cache_control: Vec<String>,
    /// The values of `Vary`.
    pub vary: Vec<String>,
    /// Its body.
    pub text: String,
}

impl Visitor {
    /// Asks for a page.
    ///
    /// # Panics
    /// When there is no whole response.
    pub async fn get(&self, path: &str) -> Reply {
        self.try_get(path).await.expect("a response")
    }

    /// Asks for a page; an error if there is no whole response.
    pub async fn try_get(&self, path: &str) -> reqwest::Result<Reply> {
        let mut request = self.client.get(format!("{}{path}", self.address));
        if let Some(token) = self.cookie() {
            request = request.header(COOKIE, format!("{COOKIE_NAME}={token}"));
        }
        let response = request.send().await?;
        let all = |name| {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let (set_cookies, cache_control, vary) = (all(SET_COOKIE), all(CACHE_CONTROL), all(VARY));
        for cookie in &set_cookies {
            self.keep(cookie);
        }
        Ok(Reply { status: response.status(), set_cookies, cache_control, vary, text: response.text().await? })
    }

    fn keep(&self, set_cookie: &str) {
        let (pair, attributes) = set_cookie.split_once(';').unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        if name == COOKIE_NAME {
            let removed = attributes.contains("Max-Age=0");
            *self.cookie.lock().unwrap() = (!removed).then(|| value.to_owned());
        }
    }

    /// The cookie's value.
    pub fn cookie(&self) -> Option<String> {
        self.cookie.lock().unwrap().clone()
    }

    /// The cookie as a token.
    pub fn token(&self) -> Token {
        self.cookie().expect("a cookie").parse().expect("a token")
    }

    /// Another browser, with this cookie.
    pub fn with_cookie(&self, cookie: impl Into<String>) -> Self {
        Self { cookie: Arc::new(Mutex::new(Some(cookie.into()))), ..self.clone() }
    }

    /// Another browser, with a copy of this one's cookie.
    pub fn copy(&self) -> Self {
        self.with_cookie(self.cookie().expect("a cookie"))
    }
}

/// A well-formed token that the site's store does not know.
pub async fn forged_token() -> Token {
    let elsewhere = SessionManager::<Shop>::new(MemoryStore::new()).start();
    elsewhere.set_count(1).await.unwrap();
    elsewhere.token().unwrap()
}
