//! A manager's settings, checked together.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::limit::{Limit, OnLimit};
use super::{Lifetimes, OnReuse, SessionManager, Shared};
use crate::clock::Clock;
use crate::encryption::Encryption;
use crate::error::{Result, SessionError};
use crate::event::{Listener, SessionEvent};
use crate::schema::{Contains, IndexField, SessionData};
use crate::session::Layout;
use crate::store::Store;
use crate::transport::{Carrier, CookieOptions, Transport};

/// What happens to a request's changes when its response is a server error (status 5xx).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnServerError {
    /// They are stored, as for every other status.
    #[default]
    Commit,
    /// What is still collected is dropped, with an event. What was stored before stays stored, and its cookie is sent.
    Discard,
}

/// Settings for a [`SessionManager`].
#[must_use = "call `build()`"]
pub struct Builder<T> {
    store: Box<dyn Store>,
    lifetimes: Lifetimes,
    limits: Vec<Limit>,
    transport: Transport,
    cookie: CookieOptions,
    clock: Clock,
    encryption: Option<Encryption>,
    on_server_error: OnServerError,
    on_reuse: OnReuse,
    listener: Option<Listener>,
    schema: PhantomData<fn() -> T>,
}

impl<T: SessionData> Builder<T> {
    pub(super) fn new(store: Box<dyn Store>) -> Self {
        Self {
            store,
            lifetimes: Lifetimes::default(),
            limits: Vec::new(),
            transport: Transport::default(),
            cookie: CookieOptions::default(),
            clock: Clock::default(),
            encryption: None,
            on_server_error: OnServerError::default(),
            on_reuse: OnReuse::default(),
            listener: None,
            schema: PhantomData,
        }
    }

    /// Sessions end when they are not used for this long: 24 hours unless set. A use within the first tenth of it is not
    /// written, so that a session ends between 0.9 and 1 times this after its last use. From one second to 100 years, like all
    /// durations here, and no longer than the absolute timeout.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.lifetimes.idle = timeout;
        self
    }

    /// Sessions end this long after they were created, or a `rotate` field was last set, however much they are used: 30 days
    /// unless set.
    pub fn absolute_timeout(mut self, timeout: Duration) -> Self {
        self.lifetimes.absolute = timeout;
        self
    }

    /// A session whose token never comes back ends after this long, if that is less than the idle timeout: one hour unless
    /// set.
    pub fn unconfirmed_timeout(mut self, timeout: Duration) -> Self {
        self.lifetimes.unconfirmed = timeout;
        self
    }

    /// Replaces a session's secret when it is this old and a request reads the session, without disturbing requests under way. Off
    /// unless set.
    pub fn renew_after(mut self, age: Duration) -> Self {
        self.lifetimes.renew_after = Some(age);
        self
    }

    /// How long a renewed secret stays good after its successor was first presented: 60 seconds unless set; at most
    /// 100 years. It ends sooner when the successor is renewed itself: let it be shorter than [`renew_after`](Self::renew_after).
    pub fn renewal_grace(mut self, grace: Duration) -> Self {
        self.lifetimes.renewal_grace = grace;
        self
    }

    /// Lets at most so many live sessions have one value in this field: one user be signed in on so many devices. Several fields
    /// can have a limit each, those of slices too; of two calls for one field the later counts.
    ///
    /// A limit is kept when the field is stored, however many sign in at the same time, on any number of nodes. To have
    /// [`OnLimit::Refuse`] seen by the handler, which can then say so on its page, let the handler
    /// [`commit`](crate::Session::commit) the sign-in. A sign-in costs the trips of [`sessions`](SessionManager::sessions) in
    /// addition, with `Refuse` twice.
    pub fn max_sessions<S: 'static, V: 'static>(
        mut self,
        field: &IndexField<S, V>,
        most: usize,
        on_limit: OnLimit,
    ) -> Self
    where
        T: Contains<S>,
    {
        self.limits.retain(|limit| !limit.is_of(field.spec()));
        self.limits.push(Limit::new(*field, most, on_limit));
        self
    }

    /// The cookie's name and attributes, for [`Transport::Cookie`].
    pub fn cookie(mut self, options: CookieOptions) -> Self {
        self.cookie = options;
        self
    }

    /// How tokens travel: in a cookie unless set.
    pub fn transport(mut self, transport: Transport) -> Self {
        self.transport = transport;
        self
    }

    /// What happens to collected changes when the response is a server error: they are stored unless set otherwise.
    pub fn on_server_error(mut self, what: OnServerError) -> Self {
        self.on_server_error = what;
        self
    }

    /// What happens when a token is used that was renewed, though its successor is in use and its grace is over: it is reported
    /// unless set otherwise. Only with [`renew_after`](Self::renew_after).
    pub fn on_reuse(mut self, what: OnReuse) -> Self {
        self.on_reuse = what;
        self
    }

    /// Who is told what happens to sessions: for an audit log, for alarms, for counting. Called where it happens, so it must not
    /// block; to do more than a moment's work, let it send the event to a task. The same is said to the log, by way of
    /// `tracing`.
    ///
    /// ```
    /// # use session_runtime::{MemoryStore, SessionData, SessionEvent, SessionManager};
    /// # #[derive(SessionData)] struct Shop { cart: Vec<String> }
    /// let (events, mut log) = tokio::sync::mpsc::unbounded_channel();
    /// let sessions = SessionManager::<Shop>::builder(MemoryStore::new())
    ///     // An error means that nobody reads the log any more.
    ///     .on_event(move |event: &SessionEvent| drop(events.send(*event)))
    ///     .build()?;
    /// # Ok::<_, session_runtime::SessionError>(())
    /// ```
    pub fn on_event(mut self, listener: impl Fn(&SessionEvent) + Send + Sync + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// Has values stored encrypted. They are stored as they are unless set.
    ///
    /// ```
    /// # use session_runtime::{Encryption, MemoryStore, SessionData, SessionManager};
    /// # #[derive(SessionData)] struct Shop { cart: Vec<String> }
    /// let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).encryption(Encryption::by_token()).build()?;
    /// # Ok::<_, session_runtime::SessionError>(())
    /// ```
    #[cfg(feature = "encryption")]
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// Where the time comes from: see [`Clock`].
    pub fn clock(mut self, clock: impl Into<Clock>) -> Self {
        self.clock = clock.into();
        self
    }

    /// The manager.
    ///
    /// # Errors
    /// [`Config`](crate::SessionError::Config) for settings that can't work, such as a cookie that browsers would refuse; it
    /// says what to change.
    pub fn build(self) -> Result<SessionManager<T>> {
        self.lifetimes.check()?;
        self.limits.iter().try_for_each(Limit::check)?;
        self.encryption.as_ref().map_or(Ok(()), Encryption::check).map_err(SessionError::config)?;
        let carrier = Carrier::new(self.transport.clone(), self.cookie.clone())?;
        Ok(self.with_carrier(carrier))
    }

    /// The manager, of settings that are known to work.
    pub(super) fn with_carrier(self, carrier: Carrier) -> SessionManager<T> {
        SessionManager::of(Shared {
            store: self.store,
            schema: T::SCHEMA,
            layout: Arc::new(Layout::of(&T::SCHEMA.fields())),
            lifetimes: self.lifetimes,
            limits: self.limits,
            carrier,
            clock: self.clock,
            encryption: self.encryption,
            on_server_error: self.on_server_error,
            on_reuse: self.on_reuse,
            listener: self.listener,
            turns: Arc::default(),
        })
    }
}

impl<T> fmt::Debug for Builder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("lifetimes", &self.lifetimes)
            .field("transport", &self.transport)
            .field("cookie", &self.cookie)
            .finish_non_exhaustive()
    }
}
