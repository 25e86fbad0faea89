//! Servers as each framework's documentation has them, with as many threads as there are processors for them.

use std::convert::Infallible;
use std::future::Future;
use std::net::TcpListener;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::Request;
use tower::Service;
use tower::make::Shared;

/// Serves a router.
pub(super) fn router(listener: TcpListener, app: impl Future<Output = Router>) {
    block_on(async {
        let app = app.await;
        axum::serve(tokio_listener(listener), app).await.expect("a server that goes on");
    });
}

/// Serves what is around a router.
pub(super) fn around<S>(listener: TcpListener, app: impl Future<Output = S>)
where
    S: Service<Request<Body>, Response = Response, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    block_on(async {
        let app = Shared::new(app.await);
        axum::serve(tokio_listener(listener), app).await.expect("a server that goes on");
    });
}

fn block_on(server: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(server);
}

fn tokio_listener(listener: TcpListener) -> tokio::net::TcpListener {
    listener.set_nonblocking(true).expect("a listener");
    tokio::net::TcpListener::from_std(listener).expect("a listener")
}
