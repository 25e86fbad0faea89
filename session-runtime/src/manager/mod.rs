//! The manager: a store, lifetimes and a transport, from which layers and handles are made.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Clock;
use crate::csrf::CsrfLayer;
use crate::encryption::Encryption;
use crate::error::Result;
use crate::event::Listener;
use crate::http::SessionLayer;
use crate::schema::{Contains, Schema, SessionData, assert_distinct_keys};
use crate::session::core::Core;
use crate::session::{Layout, Session};
use crate::store::Store;
use crate::token::Token;
use crate::transport::Carrier;

mod builder;
mod ending;
mod index;
pub(crate) mod lifetimes;
mod limit;
mod sealing;
mod sweeper;
mod turns;

pub use builder::{Builder, OnServerError};
pub use ending::OnReuse;
pub use index::SessionInfo;
pub(crate) use lifetimes::Lifetimes;
use limit::Limit;
pub use limit::OnLimit;
pub use sweeper::SweeperHandle;
use turns::Turns;
pub(crate) use turns::{Place, Turn};

/// What all handles of a manager share.
pub(crate) struct Shared {
    pub(crate) store: Box<dyn Store>,
    pub(crate) schema: Schema,
    /// Of the fields of the schema's slices too.
    pub(crate) layout: Arc<Layout>,
    pub(crate) lifetimes: Lifetimes,
    limits: Vec<Limit>,
    pub(crate) carrier: Carrier,
    pub(crate) clock: Clock,
    encryption: Option<Encryption>,
    pub(crate) on_server_error: OnServerError,
    on_reuse: OnReuse,
    listener: Option<Listener>,
    pub(crate) turns: Arc<Turns>,
}

/// Sessions with the data `T` in one store: makes the [`layer`](Self::layer) for a web service, and handles without HTTP.
///
/// Cheap to clone; clones are the same manager.
pub struct SessionManager<T> {
    shared: Arc<Shared>,
    schema: PhantomData<fn() -> T>,
}

impl<T: SessionData> SessionManager<T> {
    /// A manager with the defaults: sessions end after 24 hours without use and after 30 days, and after one hour where the
    /// visitor never came back; the cookie is `__Host-session` with `Secure; HttpOnly; SameSite=Lax; Path=/`.
    pub fn new(store: impl Store) -> Self {
        Self::builder(store).with_carrier(Carrier::default())
    }

    /// Makes a manager with other settings.
    pub fn builder(store: impl Store) -> Builder<T> {
        Builder::new(Box::new(store))
    }

    fn of(shared: Shared) -> Self {
        // Generic schemas are compared here, once their parameters are known; others already where they were derived.
        const { assert_distinct_keys(&T::KEYS) }
        Self { shared: Arc::new(shared), schema: PhantomData }
    }

    /// The tower layer that gives each request its session and stores it before the response goes out.
    pub fn layer(&self) -> SessionLayer<T> {
        SessionLayer::new(Arc::clone(&self.shared))
    }

    /// The tower layer that refuses what pages of other sites make a visitor's browser do.
    pub fn csrf_layer(&self) -> CsrfLayer<T> {
        CsrfLayer::new(&self.shared)
    }

    /// A handle to a new session, without HTTP. The session exists once a field is set; then
    /// [`Session::token`] is what opens it again.
    pub fn start(&self) -> Session<T> {
        Session::new(Arc::new(Core::started(Arc::clone(&self.shared))))
    }

    /// Opens the session of this token, without HTTP: for workers, WebSockets and command-line tools. `None` when the token
    /// opens nothing: also when the session has another one by now, for somebody has signed in or out. A worker that goes on
    /// beyond that needs the session's new token. This counts as a use of the session.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails.
    pub async fn open(&self, token: &Token) -> Result<Option<Session<T>>> {
        Ok(Core::open(Arc::clone(&self.shared), *token).await?.map(|core| Session::new(Arc::new(core))))
    }

    /// The same manager, for code that knows only the slice `S` of its schema: a library's routes or workers.
    ///
    /// ```compile_fail
    /// # use session_runtime::{SessionData, SessionManager};
    /// # #[derive(SessionData)] struct Auth { user: Option<u64> }
    /// # #[derive(SessionData)] struct Shop { cart: Vec<String> }
    /// fn without_slice(sessions: &SessionManager<Shop>) -> SessionManager<Auth> {
    ///     sessions.slice() // the schema `Shop` has no slice `Auth`
    /// }
    /// ```
    pub fn slice<S: SessionData>(&self) -> SessionManager<S>
    where
        T: Contains<S>,
    {
        SessionManager { shared: Arc::clone(&self.shared), schema: PhantomData }
    }

    /// Deletes all expired sessions and says how many. Stores that let records expire by themselves have nothing to delete.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails; what was deleted until then is deleted.
    pub async fn sweep(&self) -> Result<usize> {
        sweeper::sweep(&self.shared).await
    }

    /// Sweeps every so often, in a task of the current tokio runtime, until the handle is stopped or the manager and its
    /// layers are gone. A failing store is reported and tried again the next time. Expired sessions are absent, swept or not: every
    /// five minutes is often enough, on one node or on all.
    ///
    /// # Panics
    /// Outside a tokio runtime.
    pub fn spawn_sweeper(&self, every: Duration) -> SweeperHandle {
        sweeper::spawn(&self.shared, every)
    }
}

impl<T> Clone for SessionManager<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), schema: PhantomData }
    }
}

impl<T> fmt::Debug for SessionManager<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionManager")
            .field("lifetimes", &self.shared.lifetimes)
            .field("carrier", &self.shared.carrier)
            .finish_non_exhaustive()
    }
}
