//! The same four routes without a session, with the thinnest layer there can be, and with ours.

use std::convert::Infallible;
use std::hint::black_box;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use serde::{Deserialize, Serialize};
use session_runtime::{MemoryStore, Session, SessionData, SessionError, SessionManager, Token};
use tower::util::BoxCloneSyncService;
use tower::{Layer, Service};

use crate::thin::{Thin, ThinLayer};

/// A visitor with a cart of 100 items.
#[derive(SessionData)]
pub struct Shop {
    #[session(rotate)]
    user: Option<u64>,
    counter: u64,
    cart: Vec<Item>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub struct Item {
    sku: String,
    name: String,
    quantity: u32,
    cents: u64,
}

/// What a request does with its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    Nothing,
    Read,
    Set,
    Update,
}

impl Work {
    pub const ALL: [Self; 4] = [Self::Nothing, Self::Read, Self::Set, Self::Update];

    fn path(self) -> &'static str {
        match self {
            Self::Nothing => "/none",
            Self::Read => "/read",
            Self::Set => "/set",
            Self::Update => "/update",
        }
    }
}

/// What stands between the router and the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Around {
    Bare,
    Thin,
    Session,
}

/// Where the layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Around the whole router, as a service that is given to `axum::serve`.
    Around,
    /// Within it, by `Router::layer`, for which axum boxes the layered service and its future.
    Inside,
}

async fn thin(_: Thin) -> &'static str {
    "1"
}

async fn bare() -> &'static str {
    "1"
}

async fn none(_session: Session<Shop>) -> &'static str {
    "1"
}

async fn read(session: Session<Shop>) -> Result<&'static str, SessionError> {
    Ok(answer(session.counter().await?))
}

async fn set(session: Session<Shop>) -> Result<&'static str, SessionError> {
    session.set_counter(2).await?;
    Ok("1")
}

async fn update(session: Session<Shop>) -> Result<&'static str, SessionError> {
    session.update_counter(|counter| *counter += 1).await?;
    Ok("1")
}

/// Every handler answers the same, so that only the session's work differs.
fn answer(counter: u64) -> &'static str {
    if counter > 0 { "1" } else { "0" }
}

fn router(around: Around) -> Router {
    match around {
        Around::Bare => every_path(get(bare)),
        Around::Thin => every_path(get(thin)),
        Around::Session => Router::new()
            .route("/none", get(none))
            .route("/read", get(read))
            .route("/set", get(set))
            .route("/update", get(update)),
    }
}

fn every_path(handler: MethodRouter) -> Router {
    Work::ALL.into_iter().fold(Router::new(), |router, work| router.route(work.path(), handler.clone()))
}

type Served = BoxCloneSyncService<Request<Body>, Response, Infallible>;

/// The application, with what is around it, and what a visitor of it sends.
pub struct App {
    service: Served,
    work: Work,
    cookie: HeaderValue,
}

impl App {
    pub async fn new(Case { around, work, position }: Case) -> Self {
        let sessions = SessionManager::<Shop>::new(MemoryStore::new());
        let token = visitor(&sessions).await.expect("a session in memory");
        let cookie = format!("theme=dark; __Host-session={token}").parse().expect("a header's value");
        let router = router(around);
        let service = match (around, position) {
            (Around::Bare, _) => boxed(router),
            (Around::Thin, Position::Inside) => boxed(router.layer(ThinLayer)),
            (Around::Thin, Position::Around) => boxed(ThinLayer.layer(router)),
            (Around::Session, Position::Inside) => boxed(router.layer(sessions.layer())),
            (Around::Session, Position::Around) => boxed(sessions.layer().layer(router)),
        };
        Self { service, work, cookie }
    }

    /// Sends a request and looks at the answer.
    pub async fn serve(&mut self) {
        let request =
            Request::get(self.work.path()).header(header::HOST, "shop.test").header(header::COOKIE, &self.cookie);
        let request = request.body(Body::empty()).expect("a request");
        let response = self.service.call(request).await.unwrap_or_else(|never| match never {});
        assert_eq!(response.status(), StatusCode::OK);
        black_box(response);
    }
}

/// What is measured.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub around: Around,
    pub work: Work,
    pub position: Position,
}

fn boxed<S>(service: S) -> Served
where
    S: Service<Request<Body>, Response = Response, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    BoxCloneSyncService::new(service)
}

/// Makes a session.
pub async fn visitor(sessions: &SessionManager<Shop>) -> Result<Token, SessionError> {
    let session = sessions.start().buffered();
    session.set_user(7).await?;
    session.set_counter(1).await?;
    session.set_cart((0..100).map(item).collect()).await?;
    session.commit().await?;
    session.token().ok_or(SessionError::Gone)
}

fn item(number: u32) -> Item {
    let (sku, name) = (format!("sku-{number:06}"), format!("The article with number {number}"));
    Item { sku, name, quantity: 1 + number % 3, cents: 1999 }
}
