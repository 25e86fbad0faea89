//! Applications that are tower services.

use std::convert::Infallible;
use std::future::Future;

use axum::body::{Body, to_bytes};
use axum::response::Response;
use http::{Request, Uri, header};
use tokio::runtime::Runtime;
use tower::{Service, ServiceExt as _};

use super::{App, Requests};
use crate::workload::{Visitor, Workload};

/// No answer is longer.
const LONGEST: usize = 1 << 10;

/// A service, and the runtime it was made in.
struct Tower<S> {
    runtime: Runtime,
    service: S,
}

/// The application of this service, which is made in a runtime of its own with one thread.
pub(super) fn app<S>(make: impl Future<Output = S>) -> Box<dyn App>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let service = runtime.block_on(make);
    Box::new(Tower { runtime, service })
}

impl<S> App for Tower<S>
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone,
{
    fn answer(&mut self, requests: &mut Requests<'_>) {
        self.runtime.block_on(async {
            let (asked, keeps) = (requests.asked, requests.keeps);
            for _ in 0..requests.count {
                let visitor = requests.visitor();
                // A clone for each request, as `axum::serve` makes one.
                let Ok(response) = self.service.clone().oneshot(request(asked, visitor)).await;
                let (head, body) = response.into_parts();
                let body = to_bytes(body, LONGEST).await.expect("a body");
                visitor.check(asked, keeps, head.status, &head.headers, &body);
            }
        });
    }
}

/// The request as it would come from the network.
fn request(asked: Workload, visitor: &Visitor) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = asked.method();
    *request.uri_mut() = Uri::from_static(asked.path());
    request.headers_mut().insert(header::HOST, header::HeaderValue::from_static("127.0.0.1"));
    if !asked.is_of_a_stranger() {
        request.headers_mut().insert(header::COOKIE, visitor.cookie.clone());
    }
    request
}
