//! actix-web, and no session at all: what answering costs there. Also what drives applications of actix-web in this process.

use std::future::Future;
use std::net::TcpListener;

use actix_http::Request;
use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::{Service, ServiceResponse};
use actix_web::test::{TestRequest, init_service};
use actix_web::{Error, HttpServer, web};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use super::{App, Requests};
use crate::sample;
use crate::workload::{Visitor, Workload};

/// The application in this process.
pub(super) fn in_process() -> Box<dyn App> {
    app(async { init_service(actix_web::App::new().configure(routes)).await })
}

/// Serves the application.
pub(crate) fn serve(listener: TcpListener) {
    run(async { HttpServer::new(|| actix_web::App::new().configure(routes)).listen(listener)?.run().await });
}

/// Runs a server of actix-web.
pub(super) fn run(server: impl Future<Output = std::io::Result<()>>) {
    actix_web::rt::System::new().block_on(server).expect("a server that goes on");
}

/// Answers made of nothing, as long as those of the others.
pub(crate) fn routes(app: &mut web::ServiceConfig) {
    app.route("/none", web::get().to(async || "none"))
        .route("/read", web::get().to(number))
        .route("/set", web::post().to(number))
        .route("/update", web::post().to(number))
        .route("/login", web::post().to(async || "in"))
        .route("/visit", web::post().to(number))
        .route("/all", web::get().to(number))
        .route("/fill", web::post().to(number));
}

async fn number() -> String {
    sample::fresh().to_string()
}

/// A service, and the runtime it was made in.
struct Actix<S> {
    runtime: Runtime,
    local: LocalSet,
    service: S,
}

/// The application of this service, which is made in a runtime of its own with one thread.
pub(super) fn app<S, B>(make: impl Future<Output = S>) -> Box<dyn App>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error> + 'static,
    B: MessageBody + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let local = LocalSet::new();
    let service = local.block_on(&runtime, make);
    Box::new(Actix { runtime, local, service })
}

impl<S, B> App for Actix<S>
where
    S: Service<Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    fn answer(&mut self, requests: &mut Requests<'_>) {
        self.local.block_on(&self.runtime, async {
            let (asked, keeps) = (requests.asked, requests.keeps);
            for _ in 0..requests.count {
                let visitor = requests.visitor();
                let response = self.service.call(request(asked, visitor)).await.expect("an answer");
                let status = StatusCode::from_u16(response.status().as_u16()).expect("a status");
                let headers = set_cookies(&response);
                let body = to_bytes(response.into_body()).await.ok().expect("a body");
                visitor.check(asked, keeps, status, &headers, &body);
            }
        });
    }
}

fn request(asked: Workload, visitor: &Visitor) -> Request {
    let request = if asked.method() == http::Method::GET { TestRequest::get() } else { TestRequest::post() };
    let request = request.uri(asked.path()).insert_header(("host", "127.0.0.1"));
    match asked.is_of_a_stranger() {
        true => request.to_request(),
        false => request.insert_header(("cookie", visitor.cookie.as_bytes())).to_request(),
    }
}

/// The answer's cookies, in the types of the other applications: actix-web has those of an earlier `http`.
fn set_cookies<B>(response: &ServiceResponse<B>) -> HeaderMap {
    let cookies = response.headers().get_all("set-cookie");
    let cookies = cookies.filter_map(|cookie| HeaderValue::from_bytes(cookie.as_bytes()).ok());
    cookies.map(|cookie| (HeaderName::from_static("set-cookie"), cookie)).collect()
}
