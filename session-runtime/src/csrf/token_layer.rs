use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum_core::body::Body;
use http::request::Parts;
use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::body::Reread;
use super::future::refusal;
use super::layer::{Guard, report};
use super::origin::opens_socket;
use super::{CsrfError, CsrfFuture, CsrfLayer, CsrfToken, form};
use crate::error::{Result, SessionError};
use crate::http::respond::opaque;
use crate::schema::SessionData;
use crate::session::Session;

/// How much of a form is read to find its token: as much as axum's `Form` takes.
const FORM_LIMIT: usize = 2 * 1024 * 1024;

/// A [`CsrfLayer`] that also demands the session's token. Made by [`CsrfLayer::require_token`].
pub struct CsrfTokenLayer<T> {
    demand: Demand,
    schema: PhantomData<fn() -> T>,
}

#[derive(Clone, Debug)]
struct Demand {
    guard: Arc<Guard>,
    form_limit: usize,
}

impl<T: SessionData> CsrfLayer<T> {
    /// Demands in addition, of each unsafe request that presents a session, that session's
    /// [token](crate::Session::csrf_token): in the header `X-CSRF-Token`, or in the field `csrf_token` of a form
    /// (`application/x-www-form-urlencoded`). The form is read until the token is there, so put it first; the handler gets
    /// it whole. Visitors without a session need no token: pages of other origins are refused for them too. A visitor may have
    /// two pages open that were made before there was a session: the first form that begins one makes the other's useless, unless
    /// those pages begin it, by setting any field before they ask for their token.
    ///
    /// Must be inside the session layer, and axum's. Costs a trip to the store, which a handler that reads the session would
    /// make anyway. Forms with files (`multipart/form-data`) are for handlers outside this layer, under a
    /// plain [`CsrfLayer`], that call [`verify_csrf`](crate::Session::verify_csrf).
    ///
    /// The statuses of what is refused: 403 without the token or with a wrong one, 413 where it is not found within the
    /// [limit](CsrfTokenLayer::form_limit), 400 where the form breaks off, 500 where the store fails or no session layer is
    /// around this one.
    pub fn require_token(self) -> CsrfTokenLayer<T> {
        CsrfTokenLayer { demand: Demand { guard: self.guard, form_limit: FORM_LIMIT }, schema: PhantomData }
    }
}

impl<T> CsrfTokenLayer<T> {
    /// How many bytes of a form are read to find its token: 2 MiB unless set.
    #[must_use = "this returns the layer with the limit"]
    pub fn form_limit(mut self, bytes: usize) -> Self {
        self.demand.form_limit = bytes;
        self
    }
}

impl Demand {
    /// Whether the request can only be the visitor's own doing with the session's token. Browsers can send none with a WebSocket,
    /// whose origin was looked at.
    fn is_for(&self, request: &Request<Body>) -> bool {
        self.guard.is_ambient && !request.method().is_safe() && !opens_socket(request)
    }

    /// Gives the request back, with all of its body, if it has the token.
    async fn check<T: SessionData>(&self, request: Request<Body>) -> Result<Request<Body>> {
        let session = Session::<T>::from_extensions(request.extensions())?;
        if !session.core().has_session().await? {
            return Ok(request);
        }
        let (head, body) = request.into_parts();
        let mut body = Reread::new(body);
        let checked = match self.token(&head, &mut body).await {
            Ok(token) => session.verify_csrf(&token).await,
            Err(error) => Err(error.into()),
        };
        match checked {
            Ok(()) => Ok(Request::from_parts(head, Body::new(body))),
            Err(SessionError::Csrf(error)) => Err(report(error, &head.method, &head.uri, &head.headers).into()),
            Err(error) => Err(error),
        }
    }

    async fn token(&self, head: &Parts, body: &mut Reread) -> Result<String, CsrfError> {
        if let Some(value) = head.headers.get(CsrfToken::HEADER) {
            return Ok(String::from_utf8_lossy(value.as_bytes()).into_owned());
        }
        if !form::is_form(&head.headers) {
            return Err(CsrfError::MissingToken);
        }
        body.find_token(self.form_limit).await
    }
}

impl<T, S> Layer<S> for CsrfTokenLayer<T> {
    type Service = CsrfTokenService<T, S>;

    fn layer(&self, inner: S) -> Self::Service {
        CsrfTokenService { demand: self.demand.clone(), inner, schema: PhantomData }
    }
}

impl<T> Clone for CsrfTokenLayer<T> {
    fn clone(&self) -> Self {
        Self { demand: self.demand.clone(), schema: PhantomData }
    }
}

impl<T> fmt::Debug for CsrfTokenLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CsrfTokenLayer").field(&self.demand).finish()
    }
}

/// The service that [`CsrfTokenLayer`] makes.
pub struct CsrfTokenService<T, S> {
    demand: Demand,
    inner: S,
    schema: PhantomData<fn() -> T>,
}

impl<T, S, ResBody> Service<Request<Body>> for CsrfTokenService<T, S>
where
    T: SessionData,
    S: Service<Request<Body>, Response = Response<ResBody>> + Clone + Send + 'static,
    S::Future: Send,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = CsrfFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if let Err(error) = self.demand.guard.check(&request) {
            return CsrfFuture::refused(error);
        }
        if !self.demand.is_for(&request) {
            return CsrfFuture::handler(self.inner.call(request));
        }
        // The one that is ready goes along; its clone has to become ready.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        let demand = self.demand.clone();
        CsrfFuture::checking(async move {
            match demand.check::<T>(request).await {
                Ok(request) => inner.call(request).await,
                Err(SessionError::Csrf(error)) => Ok(refusal(error)),
                Err(error) => Ok(opaque(&error, "a request's CSRF token could not be checked")),
            }
        })
    }
}

impl<T, S: Clone> Clone for CsrfTokenService<T, S> {
    fn clone(&self) -> Self {
        Self { demand: self.demand.clone(), inner: self.inner.clone(), schema: PhantomData }
    }
}

impl<T, S: fmt::Debug> fmt::Debug for CsrfTokenService<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsrfTokenService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
