//! The thinnest layer that could keep a session: it puts one `Arc` into the request's extensions and looks at it after the
//! response. An extractor clones it. What a session layer costs is what it costs beyond this one, in the same position.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::routing::{get, post};
use http::Request;
use http::request::Parts;
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use super::{App, service};
use crate::sample;

/// The application in this process, layered with `Router::layer`.
pub(super) fn layered() -> Box<dyn App> {
    service::app(async { routes().layer(Thin) })
}

/// The same, with the layer around the whole router.
pub(super) fn around() -> Box<dyn App> {
    service::app(async { Thin.layer(routes()) })
}

/// The bare application's, with the extractor wherever others take their session.
fn routes() -> Router {
    Router::new()
        .route("/none", get(async || "none"))
        .route("/read", get(number))
        .route("/set", post(number))
        .route("/update", post(number))
        .route("/login", post(async |_: Touched| "in"))
        .route("/visit", post(number))
        .route("/all", get(number))
}

async fn number(_: Touched) -> String {
    sample::fresh().to_string()
}

/// What stands for a session.
#[derive(Clone)]
struct Touched(Arc<AtomicBool>);

impl<S: Send + Sync> FromRequestParts<S> for Touched {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let touched = parts.extensions.get::<Self>().expect("a layer").clone();
        touched.0.store(true, Relaxed);
        Ok(touched)
    }
}

#[derive(Clone)]
struct Thin;

impl<S> Layer<S> for Thin {
    type Service = ThinService<S>;

    fn layer(&self, inner: S) -> ThinService<S> {
        ThinService { inner }
    }
}

#[derive(Clone)]
struct ThinService<S> {
    inner: S,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for ThinService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = ThinFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let touched = Touched(Arc::default());
        request.extensions_mut().insert(touched.clone());
        ThinFuture { handler: self.inner.call(request), touched }
    }
}

pin_project! {
    struct ThinFuture<F> {
        #[pin]
        handler: F,
        touched: Touched,
    }
}

impl<F: Future> Future for ThinFuture<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let response = ready!(this.handler.poll(cx));
        // As if something were to be stored.
        std::hint::black_box(this.touched.0.load(Relaxed));
        Poll::Ready(response)
    }
}
