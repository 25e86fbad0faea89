use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, Method, Request, Response, Uri, header};
use tower_layer::Layer;
use tower_service::Service;

use super::origin::Origins;
use super::{CsrfError, CsrfFuture};
use crate::error::{Result, SessionError};
use crate::manager::Shared;

/// Refuses requests that pages of other origins cause with a visitor's cookie. Made by
/// [`SessionManager::csrf_layer`](crate::SessionManager::csrf_layer).
///
/// Requests with a safe method (GET, HEAD, OPTIONS, TRACE) pass, so their handlers must change nothing, unless they open a
/// WebSocket. Others pass
///
/// - when `Sec-Fetch-Site` is `same-origin` or `none`, as browsers say since 2023 over HTTPS and to localhost; a subdomain of the
///   same site is another origin;
/// - or, without that header, when `Origin` is at the host that was asked for, or is missing too: then no browser sent it;
/// - or when `Origin` is trusted: behind a proxy that changes `Host`, trust the service's own.
///
/// For WebSockets `Origin` counts beside `Sec-Fetch-Site`, which not every browser sends with them.
///
/// The scheme of `Origin` is not compared with the service's, which a proxy may hide; for the sake of browsers from before 2023,
/// send `Strict-Transport-Security`.
///
/// The others get a response with status 403 and an empty body, with a [`CsrfError`] among its extensions; there is one event,
/// and the store is not asked. Where tokens travel in headers ([`Transport::Header`](crate::Transport)) every request passes: no
/// browser adds those by itself.
///
/// This covers signing in too, and visitors who have no session. It may be inside the session layer or around it. For a token in
/// every form as well, see [`require_token`](Self::require_token).
///
/// ```
/// # use axum::{Router, routing::post};
/// # use session_runtime::{MemoryStore, Session, SessionData, SessionManager};
/// # #[derive(SessionData)] struct Shop { cart: Vec<String> }
/// # async fn add(session: Session<Shop>) {}
/// # fn main() -> session_runtime::Result<()> {
/// let sessions = SessionManager::<Shop>::new(MemoryStore::new());
/// let csrf = sessions.csrf_layer().trusted_origin("https://pay.shop.example")?;
/// let routes: Router = Router::new().route("/cart", post(add)).layer(csrf).layer(sessions.layer());
/// # Ok(())
/// # }
/// ```
pub struct CsrfLayer<T> {
    pub(super) guard: Arc<Guard>,
    schema: PhantomData<fn() -> T>,
}

/// What decides about a request by its head alone.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    origins: Origins,
    /// Browsers send what opens the session by themselves: it is in a cookie.
    pub(super) is_ambient: bool,
}

impl<T> CsrfLayer<T> {
    pub(crate) fn new(shared: &Shared) -> Self {
        let guard = Guard { origins: Origins::default(), is_ambient: shared.carrier.is_ambient() };
        Self { guard: Arc::new(guard), schema: PhantomData }
    }

    /// Lets the pages of this origin cause requests too: `https://pay.shop.example`, with the port unless it is the usual one.
    ///
    /// From another *site*, such as `https://pay.example`, an unsafe request comes without the cookie unless that is
    /// [`SameSite::None`](crate::SameSite): its handler sees a visitor without a session, and a field that it set would begin
    /// one, in the place of the visitor's own.
    ///
    /// # Errors
    /// [`Config`](SessionError::Config) for what is no origin, or not as browsers write it.
    pub fn trusted_origin(mut self, origin: &str) -> Result<Self> {
        Arc::make_mut(&mut self.guard).origins.trust(origin).map_err(SessionError::config)?;
        Ok(self)
    }
}

impl Guard {
    /// Refuses what a page of another origin has caused.
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), CsrfError> {
        if !self.is_ambient || self.origins.admit(request) {
            return Ok(());
        }
        Err(report(CsrfError::CrossOrigin, request.method(), request.uri(), request.headers()))
    }
}

/// The one event about a refused request. An origin is no secret, and says what may have to be trusted; what follows a path may
/// be one.
pub(super) fn report(error: CsrfError, method: &Method, uri: &Uri, headers: &HeaderMap) -> CsrfError {
    let reason: &dyn std::error::Error = &error;
    let (path, origin) = (uri.path(), headers.get(header::ORIGIN));
    let content_type = headers.get(header::CONTENT_TYPE);
    tracing::warn!(reason, %method, path, ?origin, ?content_type, "a request was refused");
    error
}

impl<T, S> Layer<S> for CsrfLayer<T> {
    type Service = CsrfService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        CsrfService { guard: Arc::clone(&self.guard), inner }
    }
}

impl<T> Clone for CsrfLayer<T> {
    fn clone(&self) -> Self {
        Self { guard: Arc::clone(&self.guard), schema: PhantomData }
    }
}

impl<T> fmt::Debug for CsrfLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CsrfLayer").field(&self.guard).finish()
    }
}

/// The service that [`CsrfLayer`] makes.
#[derive(Clone, Debug)]
pub struct CsrfService<S> {
    guard: Arc<Guard>,
    inner: S,
}

impl<S, ReqBody, ResBody> Service<Request<ReqBody>> for CsrfService<S>
where
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CsrfFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<ReqBody>) -> Self::Future {
        match self.guard.check(&request) {
            Ok(()) => CsrfFuture::handler(self.inner.call(request)),
            Err(error) => CsrfFuture::refused(error),
        }
    }
}
