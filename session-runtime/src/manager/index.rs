//! The sessions that have a value in an index field: listed, and ended.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::limit::Has;
use super::{SessionManager, Shared};
use crate::error::{Result, SessionError};
use crate::event::RevokeReason;
use crate::record::{Ending, Guard, Meta};
use crate::schema::{Field, FieldSpec, IndexField, SessionData};
use crate::session::{Layout, Session, View};
use crate::token::SessionId;

/// How often a session that is to end is looked at again because it got a new secret meanwhile. Whoever is that fast is
/// ended without looking.
const LOOKS: usize = 8;

impl<T: SessionData> SessionManager<T> {
    /// The live sessions in which this field has this value, the most recently used first: the devices on which a user is
    /// signed in.
    ///
    /// Takes one trip for the index and one for each session. Sessions whose field was set before it was declared as an index
    /// are not found until it is set again.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails, [`Encode`](crate::SessionError::Encode) for a value that serde
    /// can't write.
    pub async fn sessions<V>(&self, field: &IndexField<T, V>, value: &V) -> Result<Vec<SessionInfo>> {
        let text = field.text(value)?;
        let mut sessions = self.shared.listed(field.spec(), &text, &|info, text| info.has(field, text)).await?;
        sessions.sort_by_key(|info| (std::cmp::Reverse(info.last_used()), info.id));
        Ok(sessions)
    }

    /// Ends this session for ever, whoever's it is; says whether it was there. For administrators: to let users end sessions
    /// of theirs, use [`revoke_one`](Self::revoke_one).
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails.
    pub async fn revoke(&self, id: SessionId) -> Result<bool> {
        self.shared.revoke(id, Guard::Any, RevokeReason::Asked).await.map(|ending| ending == Ending::Destroyed)
    }

    /// Ends this session for ever if the field has this value in it: a user can so end sessions of theirs, and of nobody else.
    /// Says whether it did.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails. [`Encode`](crate::SessionError::Encode) for a value that can't
    /// be one of an index.
    pub async fn revoke_one<V>(&self, field: &IndexField<T, V>, value: &V, id: SessionId) -> Result<bool> {
        let text = field.text(value)?;
        // Whose field can't be read counts as theirs below; the index knows better.
        let is_entered = self.shared.entered(field.spec(), &text).await?.contains(&id);
        Ok(is_entered && self.shared.revoke_if(id, RevokeReason::Asked, &|info| info.has(field, &text)).await?)
    }

    /// Ends all sessions in which this field has this value, for ever, and says how many: after a password was reset, or when
    /// an account is closed. A session that signed in before the call is ended, however many sign in at the same time.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails: some may be ended, call it again.
    /// [`Encode`](crate::SessionError::Encode) for a value that can't be one of an index.
    pub async fn revoke_all<V>(&self, field: &IndexField<T, V>, value: &V) -> Result<usize> {
        self.revoke_all_but(field, value, None).await
    }

    /// Ends all sessions that have the same value in this field as this one, but not this one: "sign out everywhere else".
    /// Says how many; none where the field is absent.
    ///
    /// # Errors
    /// [`Store`](crate::SessionError::Store) when the store fails: some may be ended, call it again. Those of
    /// [`Session::get`](crate::Session::get) where the field can't be read: then none is ended.
    pub async fn revoke_others<V>(&self, session: &Session<T>, field: &IndexField<T, V>) -> Result<usize> {
        match session.get(field).await? {
            Some(value) => {
                // What this request has set tells nothing of which session it is.
                session.core().meta().await?;
                self.revoke_all_but(field, &value, session.id()).await
            }
            None => Ok(0),
        }
    }

    async fn revoke_all_but<V>(&self, field: &IndexField<T, V>, value: &V, kept: Option<SessionId>) -> Result<usize> {
        let text = field.text(value)?;
        let mut revoked = 0;
        for id in self.shared.entered(field.spec(), &text).await? {
            if Some(id) != kept
                && self.shared.revoke_if(id, RevokeReason::Asked, &|info| info.has(field, &text)).await?
            {
                revoked += 1;
            }
        }
        Ok(revoked)
    }
}

impl Shared {
    /// The sessions that are entered under this text; the field may have another value in them by now.
    async fn entered(&self, field: &FieldSpec, text: &str) -> Result<BTreeSet<SessionId>> {
        let mut ids = BTreeSet::new();
        for key in field.keys() {
            for text in self.index_texts(key, text) {
                ids.extend(self.store.find(key, &text, self.clock.for_store()).await?);
            }
        }
        Ok(ids)
    }

    /// Those of them that have the value.
    pub(super) async fn listed(&self, field: &FieldSpec, text: &str, has: &Has<'_>) -> Result<Vec<SessionInfo>> {
        let mut sessions = Vec::new();
        for id in self.entered(field, text).await? {
            sessions.extend(self.info(id).await?.filter(|info| has(info, text)));
        }
        Ok(sessions)
    }

    async fn info(&self, id: SessionId) -> Result<Option<SessionInfo>> {
        let select = self.layout.first_selection(&[]);
        let record = self.store.load(id, &select, self.clock.for_store()).await?;
        Ok(record.map(|mut record| {
            self.open(id, None, select.iter().map(|asked| asked.key).zip(&mut record.fields));
            let mut view = View::default();
            view.learn(&select, record.fields, &self.layout);
            let layout = Arc::clone(&self.layout);
            SessionInfo { id, meta: record.meta, idle: self.lifetimes.idle, now: record.now, layout, view }
        }))
    }

    /// Ends the session if this is so.
    pub(super) async fn revoke_if(
        &self,
        id: SessionId,
        reason: RevokeReason,
        is_so: &(dyn Fn(&SessionInfo) -> bool + Send + Sync),
    ) -> Result<bool> {
        for _ in 0..LOOKS {
            let Some(info) = self.info(id).await?.filter(is_so) else { return Ok(false) };
            // With another holder it may be another user's.
            match self.revoke(id, Guard::Epoch(info.meta.epoch), reason).await? {
                Ending::Destroyed => return Ok(true),
                Ending::Gone => return Ok(false),
                Ending::Superseded | Ending::Reused => {}
            }
        }
        self.revoke(id, Guard::Any, reason).await.map(|ending| ending == Ending::Destroyed)
    }
}

/// One of the sessions that [`SessionManager::sessions`] lists. Nothing in it opens the session.
pub struct SessionInfo {
    id: SessionId,
    meta: Box<Meta>,
    idle: Duration,
    now: SystemTime,
    layout: Arc<Layout>,
    view: View,
}

impl SessionInfo {
    /// The session's public name, which [`SessionManager::revoke_one`] takes. The session of the request itself is the one with
    /// the ID that [`Session::id`] tells.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// When the session was created.
    pub fn created_at(&self) -> SystemTime {
        self.meta.created
    }

    /// When the session was last used, to a tenth of the idle timeout; for one that is remembered, whose deadlines use does not
    /// move, when it was created, signed in or renewed.
    pub fn last_used(&self) -> SystemTime {
        let moved = self.meta.idle_deadline.checked_sub(self.idle).filter(|_| !self.meta.persistent);
        let known = [moved, self.meta.authenticated, Some(self.meta.secret_since), Some(self.meta.created)];
        known.into_iter().flatten().max().unwrap_or(self.now).min(self.now)
    }

    /// When a `rotate` field was last set: the sign-in.
    pub fn last_authenticated(&self) -> Option<SystemTime> {
        self.meta.authenticated
    }

    /// When the session ends unless it is used: the earlier of its idle and its absolute deadline.
    pub fn expires_at(&self) -> SystemTime {
        self.meta.expires()
    }

    /// Whether the session is remembered: its cookie outlives the browser.
    pub fn is_persistent(&self) -> bool {
        self.meta.persistent
    }

    /// The value of one of the session's fields, to tell sessions apart in a list: the device or the address that the
    /// application has put there. `None` where it is absent, and for a lazy field, which is not loaded for a list.
    ///
    /// # Errors
    /// [`Decode`](crate::SessionError::Decode) and [`Schema`](crate::SessionError::Schema) when the stored value can't be read.
    /// [`Config`](crate::SessionError::Config) for a field of a schema that is not the manager's or in it.
    pub fn get<T, V>(&self, field: &Field<T, V>) -> Result<Option<V>> {
        if self.layout.position(field.key()).is_none() {
            let key = field.key();
            return Err(SessionError::config(format!("the manager that has listed the session has no field `{key}`")));
        }
        self.bytes(field).map_or(Ok(None), |bytes| field.decode(&bytes))
    }

    /// When it signed in; of two at the same moment the ID decides.
    pub(super) fn signed_in(&self) -> (SystemTime, SessionId) {
        (self.meta.authenticated.unwrap_or(self.meta.created), self.id)
    }

    fn bytes<T, V>(&self, field: &Field<T, V>) -> Option<Arc<[u8]>> {
        self.view.look(field.spec(), &self.layout, || self.now).value()
    }

    /// Whether the field has the value with this text. Where that can't be read it counts as so: what ends sessions must
    /// not miss one.
    pub(super) fn has<T, V>(&self, field: &IndexField<T, V>, text: &str) -> bool {
        self.bytes(field).is_some_and(|bytes| match field.decode(&bytes) {
            Ok(value) => value.is_some_and(|value| field.text(&value).map_or(true, |found| found == text)),
            Err(_) => true,
        })
    }
}

impl fmt::Debug for SessionInfo {
    /// Without any value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionInfo")
            .field("id", &self.id)
            .field("created_at", &self.created_at())
            .field("last_used", &self.last_used())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}
