//! One request's session: the handle that handlers use.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::csrf::CsrfToken;
use crate::error::Result;
use crate::record::Meta;
use crate::schema::{Contains, Field, SessionData};
use crate::token::{SessionId, Token};

mod buffer;
mod call;
mod changes;
pub(crate) mod core;
mod csrf;
mod handle;
mod identify;
mod identity;
mod layout;
mod set;
pub(crate) mod state;
mod update;
mod view;

pub use call::Call;
pub(crate) use changes::{Changes, Write};
pub(crate) use handle::Take;
pub use handle::{Handle, Snapshot};
pub(crate) use identity::Carried;
pub(crate) use layout::Layout;
pub use set::Set;
pub(crate) use update::Handover;
pub(crate) use view::View;

pub(crate) use self::core::Core;
use self::identity::Phase;

/// A visitor's session with the data `T`: the typed accessors that the derive made for `T`'s fields, and the calls below.
///
/// As an axum extractor it is there in every handler under the layer. Cloning is cheap, and all clones of one request share
/// one state. Nothing is loaded before it is asked for; a request that does not touch its session costs nothing.
///
/// In a request, `set` and `remove` are collected and stored together before the response head goes out; `update`, `take` and
/// `destroy` act on the store at once, and are collected too where the session is not stored yet. On handles of
/// [`start`](crate::SessionManager::start) and [`open`](crate::SessionManager::open), and after the response head is out, every
/// write is stored at once. A handle sees the session as it first loaded it, with its own writes.
///
/// # Errors
/// Every call can fail with [`SessionError::Store`](crate::SessionError::Store). A call that changes a session which was
/// destroyed, revoked or expired meanwhile, or whose token was superseded, fails with
/// [`SessionError::Gone`](crate::SessionError::Gone); one that would need a new cookie after the response head is out, with
/// [`SessionError::ResponseSent`](crate::SessionError::ResponseSent), before anything is stored.
pub struct Session<T: SessionData> {
    accessors: T::Accessors,
    // Last: a struct has a size if its last field has. Without a schema that is one error less, or two.
    schema: PhantomData<fn() -> T>,
}

impl<T: SessionData> Session<T> {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { accessors: T::accessors(Handle::new(core)), schema: PhantomData }
    }

    pub(crate) fn handle(&self) -> &Handle<T> {
        T::handle(&self.accessors)
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.handle().core
    }

    /// The same session, with only what its slice `S` has: for code that knows no more of the application's schema. Its
    /// `keys` and `snapshot` are those of the slice; whatever else it does, it does to the whole session.
    pub fn slice<S: SessionData>(&self) -> Session<S>
    where
        T: Contains<S>,
    {
        self.handle().slice()
    }

    /// The session's public name: the same for its whole life, safe to log. `None` until the store has confirmed the token
    /// that the visitor presented, or a session was begun here.
    pub fn id(&self) -> Option<SessionId> {
        self.core().state().id()
    }

    /// Whether the session was begun in this request, or by [`start`](crate::SessionManager::start).
    pub fn is_new(&self) -> bool {
        self.core().state().is_new()
    }

    /// The token that opens the session once what is collected is stored, for use without cookies. `None` until there is a
    /// session. Whoever has it has the session.
    pub fn token(&self) -> Option<Token> {
        self.core().state().token()
    }

    /// The field's value; `None` where it is absent, whatever default its accessor has.
    ///
    /// # Errors
    /// [`Decode`](crate::SessionError::Decode) when the stored value can't be read, [`Schema`](crate::SessionError::Schema) when it
    /// was written as another type; other fields go on working. [`Store`](crate::SessionError::Store) when the store fails, as
    /// every call that asks it; [`Gone`](crate::SessionError::Gone) when the session has ended since this handle loaded it.
    pub async fn get<V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        self.handle().read(field).await
    }

    /// Sets the field. The value is encoded at this call; `.ttl(Duration)` overrides the field's TTL for it.
    ///
    /// # Errors
    /// When awaited: [`Encode`](crate::SessionError::Encode) or [`TooLarge`](crate::SessionError::TooLarge) for a value that
    /// can't be stored; [`Gone`](crate::SessionError::Gone) when the session is known to have ended. Where it is not collected
    /// but stored at once, those of [`commit`](Self::commit) too.
    pub fn set<V>(&self, field: &Field<T, V>, value: V) -> Set {
        self.handle().set(*field, value)
    }

    /// Changes the field atomically: no update is ever lost. Leaving `None` removes it; leaving a value begins a session
    /// where there is none. The closure may run again when others change the field at the same time, so it clones what it
    /// puts in. An update keeps the expiry that the value has.
    ///
    /// # Errors
    /// [`Conflict`](crate::SessionError::Conflict) when others were faster at every try for 5 seconds; those of [`get`](Self::get)
    /// and of [`set`](Self::set).
    pub async fn update<V, R>(&self, field: &Field<T, V>, change: impl FnMut(&mut Option<V>) -> R + Send) -> Result<R> {
        self.handle().change(field, change).await
    }

    /// Takes the value out, atomically: of any number of requests that try, one gets it.
    ///
    /// # Errors
    /// Those of [`update`](Self::update).
    pub async fn take<V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        self.handle().change(field, Option::take).await
    }

    /// Removes the field.
    pub async fn remove<V>(&self, field: &Field<T, V>) -> Result<()> {
        self.core().write(Write::remove(field.spec())).await
    }

    /// Whether the field is there. Does not load a lazy field's value, but for one with `on_mismatch = "default"`, which only its
    /// value tells.
    pub async fn has<V>(&self, field: &Field<T, V>) -> Result<bool> {
        self.core().has(field.spec()).await
    }

    /// The keys of the fields that are there, lazy ones too, in the order of the struct.
    pub async fn keys(&self) -> Result<Vec<&'static str>> {
        self.core().present(&T::SCHEMA.fields()).await
    }

    /// Every field, as the struct itself, with at most one trip; defaults where fields are absent.
    ///
    /// # Errors
    /// Those of [`get`](Self::get), of the first field that has one.
    pub async fn snapshot(&self) -> Result<T> {
        Snapshot::read(self.core().read_all(&T::SCHEMA.fields()).await?)
    }

    /// Replaces the secret, and so the cookie: whoever knew the token before knows nothing now. The ID and all data stay
    /// where they are. Setting, removing or taking a `rotate` field does the same. Does nothing where there is no session.
    ///
    /// For 60 seconds the token before is recognised: a request that is under way with it neither changes the session nor begins
    /// another. Only the last one is: where there is yet another new secret within that time, a request that sets a field under
    /// the first begins a session of its own, and its cookie replaces the visitor's.
    ///
    /// When both answers of a store are lost, the commit is an error and the response has no cookie, though the secret may have been
    /// replaced: the visitor begins anew then.
    pub async fn regenerate(&self) -> Result<()> {
        self.core().regenerate().await
    }

    /// Ends the session for ever and removes the cookie; acts at once. Afterwards the handle is that of a visitor without a
    /// cookie. No error where there is nothing to end.
    ///
    /// # Errors
    /// [`Gone`](crate::SessionError::Gone) when another request has replaced the secret since: the session lives on, for whoever
    /// holds the new one. [`Store`](crate::SessionError::Store) when the store fails.
    pub async fn destroy(&self) -> Result<()> {
        self.core().destroy().await
    }

    /// Stores now what is collected, and shows its errors here.
    ///
    /// # Errors
    /// [`Gone`](crate::SessionError::Gone) when the session has ended or has another secret since: nothing was stored, and what
    /// was collected is dropped. [`LimitReached`](crate::SessionError::LimitReached) for a sign-in that
    /// [`OnLimit::Refuse`](crate::OnLimit) refuses, [`Conflict`](crate::SessionError::Conflict) where others left it no room to
    /// find out. [`ResponseSent`](crate::SessionError::ResponseSent) for what needs a new token, after the response head.
    /// [`Store`](crate::SessionError::Store) when the store fails: what is collected stays collected.
    pub async fn commit(&self) -> Result<()> {
        self.core().commit().await
    }

    /// Lets the session live for `life` from now, used or not, with a cookie that outlives the browser. In a request it counts
    /// for a session that the request begins, before or after; it begins none itself, and does nothing where there is none: on a
    /// handle of [`start`](crate::SessionManager::start) set a field first, or use [`buffered`](Self::buffered).
    ///
    /// It is the session that is remembered, whoever is signed in: a later sign-in begins its absolute timeout anew, and leaves the
    /// rest of this as it is. Only [`destroy`](Self::destroy) ends it for the next one at the same browser.
    ///
    /// # Errors
    /// [`Config`](crate::SessionError::Config) for less than a second or more than 100 years.
    pub async fn remember(&self, life: Duration) -> Result<()> {
        self.core().remember(life).await
    }

    /// When the session was created; `None` where there is no stored session.
    pub async fn created_at(&self) -> Result<Option<SystemTime>> {
        self.of_meta(|meta| meta.created).await
    }

    /// When the session ends unless it is used: the earlier of its idle and its absolute deadline.
    pub async fn expires_at(&self) -> Result<Option<SystemTime>> {
        self.of_meta(Meta::expires).await
    }

    /// When a `rotate` field was last set.
    pub async fn last_authenticated(&self) -> Result<Option<SystemTime>> {
        let core = self.core();
        let now = |state: &state::State| state.pending().authenticate().then(|| state.now(core.shared()));
        if let Some(now) = now(&core.state()) {
            return Ok(Some(now));
        }
        Ok(core.meta().await?.and_then(|meta| meta.authenticated))
    }

    /// Whether a `rotate` field was set within the last `age`: ask for the password again where not (NIST SP 800-63B-4, 5.2).
    pub async fn is_fresh(&self, age: Duration) -> Result<bool> {
        let authenticated = self.last_authenticated().await?;
        let now = self.core().state().now(self.core().shared());
        // A time that is still to come, by a clock that is behind, is fresh too.
        Ok(authenticated.is_some_and(|time| now.duration_since(time).map_or(true, |elapsed| elapsed <= age)))
    }

    /// What the session's forms must carry, to show that a page of this service made them: in a hidden field called `csrf_token`,
    /// or in the header `X-CSRF-Token` of what scripts send. `None` where there is no session, which this does not begin: set any
    /// field first where a page's form must have one. See [`CsrfLayer::require_token`](crate::CsrfLayer::require_token).
    ///
    /// It stays good for as long as the session lives and no `rotate` field is written, nor
    /// [`regenerate`](Self::regenerate) called; renewal keeps it. What is collected counts as stored: a page that signs in or
    /// begins a session has the token that is good from then on, if it asks for it after that.
    pub async fn csrf_token(&self) -> Result<Option<CsrfToken>> {
        self.core().csrf_token().await
    }

    /// Checks that this is the session's CSRF token, in constant time: for handlers that no
    /// [`CsrfTokenLayer`](crate::CsrfLayer::require_token) covers. Call it before anything else. What this request has collected
    /// does not count: the form is older.
    ///
    /// # Errors
    /// [`Csrf`](crate::SessionError::Csrf) when it is not, and where there is no session: a visitor who has none is protected by
    /// a [`CsrfLayer`](crate::CsrfLayer) alone.
    pub async fn verify_csrf(&self, token: &str) -> Result<()> {
        self.core().verify_csrf(token).await
    }

    /// Collects writes until [`commit`](Self::commit), on a handle of [`start`](crate::SessionManager::start) or
    /// [`open`](crate::SessionManager::open), with all its clones. A handle of a request does so anyway.
    #[must_use = "this returns the handle that collects"]
    pub fn buffered(self) -> Self {
        {
            let mut state = self.core().state();
            if state.phase == Phase::Direct {
                state.phase = Phase::Buffered;
            }
        }
        self
    }

    async fn of_meta(&self, of: impl FnOnce(&Meta) -> SystemTime) -> Result<Option<SystemTime>> {
        Ok(self.core().meta().await?.as_ref().map(of))
    }
}

impl<T: SessionData> Clone for Session<T> {
    fn clone(&self) -> Self {
        Self { accessors: self.accessors.clone(), schema: PhantomData }
    }
}

impl<T: SessionData> Deref for Session<T> {
    type Target = T::Accessors;

    fn deref(&self) -> &Self::Target {
        &self.accessors
    }
}

impl<T: SessionData> fmt::Debug for Session<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.core(), f)
    }
}
