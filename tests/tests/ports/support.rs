//! What the ports share: one request without a network, and a browser for a real server on loopback.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use session_runtime::record::*;
pub(crate) use session_runtime::testing::{Fault, FaultyStore, ManualClock, Operation};
use session_runtime::{Session, SessionData, SessionId, SessionManager, Store, Token};
use tower::{Layer, ServiceExt, service_fn};

/// Makes two tests of each case, a function of one store: `memory::<case>` and `sqlite::<case>` (in a file).
macro_rules! on_each_store {
    ($($case:ident),* $(,)?) => {
        mod memory {
            $(#[tokio::test]
            async fn $case() {
                super::$case(std::sync::Arc::new(session_runtime::MemoryStore::new())).await;
            })*
        }

        mod sqlite {
            $(#[tokio::test]
            async fn $case() {
                let dir = tempfile::tempdir().unwrap();
                let store = session_runtime::SqliteStore::open(dir.path().join("sessions.db")).await.unwrap();
                super::$case(std::sync::Arc::new(store)).await;
            })*
        }
    };
}

/// Any store; what a case runs on.
pub(crate) type AnyStore = Arc<dyn Store>;

/// What the store was asked since this was last called.
pub(crate) fn calls(store: &FaultyStore) -> Vec<Operation> {
    let calls = store.calls();
    store.forget();
    calls
}

/// The bytes stored under the key; `None` when the session or the field is not there.
pub(crate) async fn stored_bytes(store: &AnyStore, id: SessionId, key: &'static str) -> Option<Arc<[u8]>> {
    let record = store.load(id, &[Select { key, value: true }], None).await.unwrap()?;
    record.fields.into_iter().next()??.value
}

/// Puts these bytes under the key of a stored session, whatever they are.
pub(crate) async fn overwrite(store: &AnyStore, id: SessionId, key: &'static str, bytes: &'static [u8]) {
    let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
    let value = Some(Arc::from(bytes));
    changes.set.push(SetField { key, value, revision: Revision::random(), expiry: Expiry::Never });
    let outcome = store.commit(id, &changes, None).await.unwrap();
    assert!(matches!(outcome, Outcome::Applied { .. }), "{outcome:?}");
}

/// One `Set-Cookie` header.
#[derive(Debug)]
pub(crate) struct SetCookie(String);

impl SetCookie {
    fn all_of(headers: &HeaderMap) -> Vec<Self> {
        let text = |value: &axum::http::HeaderValue| Self(value.to_str().unwrap().to_owned());
        headers.get_all(header::SET_COOKIE).iter().map(text).collect()
    }

    pub(crate) fn name(&self) -> &str {
        self.pair().0
    }

    pub(crate) fn value(&self) -> &str {
        self.pair().1
    }

    /// The token in it.
    pub(crate) fn token(&self) -> Token {
        self.value().parse().unwrap()
    }

    /// The attribute's value, which is empty for flags such as `Secure`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes =
            self.0.split(';').skip(1).map(|part| part.trim().split_once('=').unwrap_or((part.trim(), "")));
        attributes.find(|(named, _)| named.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn has(&self, flag: &str) -> bool {
        self.attribute(flag).is_some()
    }

    pub(crate) fn max_age(&self) -> Option<Duration> {
        self.attribute("Max-Age").map(|seconds| Duration::from_secs(seconds.parse().unwrap()))
    }

    fn pair(&self) -> (&str, &str) {
        self.0.split(';').next().and_then(|pair| pair.split_once('=')).unwrap()
    }
}

/// What one request without a network came to.
pub(crate) struct Visit<R> {
    /// What the page returned.
    pub(crate) result: R,
    pub(crate) status: StatusCode,
    pub(crate) cookies: Vec<SetCookie>,
}

/// One request without a cookie, whose handler is `page`.
pub(crate) async fn visit<T: SessionData, R>(
    sessions: &SessionManager<T>,
    page: impl AsyncFnOnce(Session<T>) -> R,
) -> Visit<R> {
    request(sessions, Request::new(Body::empty()), page).await
}

/// One request with this cookie (`name=value`), whose handler is `page`.
pub(crate) async fn visit_with<T: SessionData, R>(
    sessions: &SessionManager<T>,
    cookie: impl Display,
    page: impl AsyncFnOnce(Session<T>) -> R,
) -> Visit<R> {
    let request_ = Request::builder().header(header::COOKIE, cookie.to_string()).body(Body::empty()).unwrap();
    request(sessions, request_, page).await
}

async fn request<T: SessionData, R>(
    sessions: &SessionManager<T>,
    request: Request<Body>,
    page: impl AsyncFnOnce(Session<T>) -> R,
) -> Visit<R> {
    let result = RefCell::new(None);
    let page = Cell::new(Some(page));
    let handler = service_fn(|request: Request<Body>| {
        let (page, result) = (page.take().unwrap(), &result);
        async move {
            let session = request.extensions().get::<Session<T>>().unwrap().clone();
            let answer = page(session).await;
            *result.borrow_mut() = Some(answer);
            Ok::<_, Infallible>(Response::new(Body::empty()))
        }
    });
    let response = sessions.layer().layer(handler).oneshot(request).await.unwrap();
    let cookies = SetCookie::all_of(response.headers());
    Visit { result: result.take().unwrap(), status: response.status(), cookies }
}

/// A server on loopback.
pub(crate) struct Site {
    base: String,
    http: reqwest::Client,
    serving: tokio::task::JoinHandle<()>,
}

impl Site {
    pub(crate) async fn serve(app: Router) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { base, http: reqwest::Client::builder().no_proxy().build().unwrap(), serving }
    }

    /// A browser without cookies.
    pub(crate) fn browser(&self) -> Browser<'_> {
        Browser { site: self, jar: BTreeMap::new() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A browser with a jar. It takes and sends `Secure` cookies over plain HTTP, as browsers do for localhost.
#[derive(Clone)]
pub(crate) struct Browser<'a> {
    site: &'a Site,
    jar: BTreeMap<String, String>,
}

impl Browser<'_> {
    /// The same browser with this cookie in its jar.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.jar.insert(name.to_owned(), value.to_string());
        self
    }

    /// What the jar has under this name.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.jar.get(name).map(String::as_str)
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        let request = self.site.http.get(format!("{}{path}", self.site.base));
        self.send(request).await
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Page {
        let request = self.site.http.post(format!("{}{path}", self.site.base)).form(form);
        self.send(request).await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Page {
        if !self.jar.is_empty() {
            let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        let response = request.send().await.unwrap();
        let (status, cookies) = (response.status(), SetCookie::all_of(response.headers()));
        for cookie in &cookies {
            match cookie.max_age() {
                Some(Duration::ZERO) => self.jar.remove(cookie.name()),
                _ => self.jar.insert(cookie.name().to_owned(), cookie.value().to_owned()),
            };
        }
        Page { status, cookies, body: response.text().await.unwrap() }
    }
}

/// What the browser got.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) cookies: Vec<SetCookie>,
    pub(crate) body: String,
}

impl Page {
    /// The one cookie that came with the page.
    pub(crate) fn cookie(&self) -> &SetCookie {
        let [cookie] = self.cookies.as_slice() else { panic!("not one cookie: {:?}", self.cookies) };
        cookie
    }
}
