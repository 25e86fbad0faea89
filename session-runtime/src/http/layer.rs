use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use tower_layer::Layer;

use super::SessionService;
use crate::manager::Shared;

/// Gives each request a [`Session<T>`](crate::Session), among its extensions, and stores its changes before the response
/// head goes out. Made by [`SessionManager::layer`](crate::SessionManager::layer).
///
/// Two layers of different schemas or managers can be used together, if their cookies have different
/// [names](crate::CookieOptions::name): with one name each would replace the other's. The same layer twice does its work once.
///
/// Layers that end a request early, such as a timeout, or make a response of a panic, go around this one: what is inside it
/// answers for the handler, and what the handler has collected until then is stored with that answer.
///
/// In axum it goes into the router, `router.layer(sessions.layer())`, or around the whole of it, which spares each request two
/// allocations of axum's:
///
#[cfg_attr(feature = "axum", doc = "```no_run")]
#[cfg_attr(not(feature = "axum"), doc = "```ignore")]
/// # use axum::extract::Request;
/// # use axum::Router;
/// # use session_runtime::{MemoryStore, SessionData, SessionManager};
/// # use tower_layer::Layer as _;
/// # #[derive(SessionData)] struct Shop { visits: u64 }
/// # async fn serve(router: Router) -> std::io::Result<()> {
/// let sessions = SessionManager::<Shop>::new(MemoryStore::new());
/// let app = sessions.layer().layer(router);
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
/// axum::serve(listener, axum::ServiceExt::<Request>::into_make_service(app)).await
/// # }
/// ```
pub struct SessionLayer<T> {
    shared: Arc<Shared>,
    schema: PhantomData<fn() -> T>,
}

impl<T> SessionLayer<T> {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, schema: PhantomData }
    }
}

impl<T, S> Layer<S> for SessionLayer<T> {
    type Service = SessionService<T, S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(Arc::clone(&self.shared), inner)
    }
}

impl<T> Clone for SessionLayer<T> {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.shared))
    }
}

impl<T> fmt::Debug for SessionLayer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").finish_non_exhaustive()
    }
}
