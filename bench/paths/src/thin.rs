//! The thinnest layer that could hold a session: one `Arc` among the request's extensions, looked at after the response.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::extract::FromRequestParts;
use axum::http::{Request, request::Parts};
use tower::{Layer, Service};

/// What the layer gives to each request.
#[derive(Clone)]
pub struct Thin(#[expect(dead_code, reason = "there is nothing to look at in the thinnest session")] Arc<u64>);

#[derive(Clone)]
pub struct ThinLayer;

#[derive(Clone)]
pub struct ThinService<S>(S);

impl<S> Layer<S> for ThinLayer {
    type Service = ThinService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ThinService(inner)
    }
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for ThinService<S>
where
    S::Future: Unpin,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ThinFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let shared = Arc::new(1);
        request.extensions_mut().insert(Thin(Arc::clone(&shared)));
        ThinFuture { handler: self.0.call(request), shared }
    }
}

pub struct ThinFuture<F> {
    handler: F,
    shared: Arc<u64>,
}

impl<F: Future + Unpin> Future for ThinFuture<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let response = ready!(Pin::new(&mut self.handler).poll(cx));
        std::hint::black_box(&self.shared);
        Poll::Ready(response)
    }
}

impl<S: Sync> FromRequestParts<S> for Thin {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(parts.extensions.get::<Self>().cloned().expect("the layer is there"))
    }
}
