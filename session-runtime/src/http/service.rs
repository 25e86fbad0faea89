use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use tower_service::Service;

use super::{ResponseFuture, extensions};
use crate::manager::Shared;
use crate::schema::SessionData;
use crate::session::core::Core;
use crate::session::{Carried, Session};

/// The service that [`SessionLayer`](super::SessionLayer) makes.
pub struct SessionService<T, S> {
    shared: Arc<Shared>,
    inner: S,
    schema: PhantomData<fn() -> T>,
}

impl<T, S> SessionService<T, S> {
    pub(super) fn new(shared: Arc<Shared>, inner: S) -> Self {
        Self { shared, inner, schema: PhantomData }
    }
}

impl<T: SessionData, S> SessionService<T, S> {
    /// Puts a session among the request's extensions, unless an outer layer of the same manager did. Takes along the headers
    /// that may hold a token, but does not look into them before somebody uses the session.
    fn attach<B>(&self, request: &mut Request<B>) -> Option<Arc<Core>> {
        if !request.extensions().is_empty() && extensions::has_session_of::<T>(request.extensions_mut(), &self.shared) {
            return None;
        }
        let mut carried = Carried::new();
        for value in request.headers().get_all(self.shared.carrier.request_header()) {
            carried.push(value.clone());
        }
        let core = Arc::new(Core::of_request(Arc::clone(&self.shared), carried));
        extensions::insert(request.extensions_mut(), Session::<T>::new(Arc::clone(&core)));
        Some(core)
    }
}

impl<T, S, ReqBody, ResBody> Service<Request<ReqBody>> for SessionService<T, S>
where
    T: SessionData,
    S: Service<Request<ReqBody>, Response = Response<ResBody>>,
    ResBody: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, ResBody>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<ReqBody>) -> Self::Future {
        let core = self.attach(&mut request);
        ResponseFuture::new(self.inner.call(request), core)
    }
}

impl<T, S: Clone> Clone for SessionService<T, S> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared), self.inner.clone())
    }
}

impl<T, S: fmt::Debug> fmt::Debug for SessionService<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).finish_non_exhaustive()
    }
}
