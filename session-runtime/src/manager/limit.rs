//! At most so many sessions per value of an index field.

use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::Instant;

use super::{SessionInfo, Shared};
use crate::error::{Result, SessionError, UPDATE_DEADLINE};
use crate::event::RevokeReason;
use crate::record::Revision;
use crate::schema::{FieldSpec, IndexField};
use crate::session::{Changes, Core, Write};
use crate::token::{self, SecretHash};

/// What becomes of a sign-in when the limit on sessions is reached: see [`Builder::max_sessions`](crate::Builder::max_sessions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The sessions that signed in the longest ago are ended.
    EvictOldest,
    /// It fails with [`LimitReached`](crate::SessionError::LimitReached), and the visitor is not signed in.
    Refuse,
}

/// Whether a session has the value with this text.
pub(super) type Has<'h> = dyn Fn(&SessionInfo, &str) -> bool + Send + Sync + 'h;

/// A limit on the sessions with one value, whatever the field's type.
pub(crate) struct Limit {
    spec: FieldSpec,
    most: usize,
    on_limit: OnLimit,
    has: Box<Has<'static>>,
}

/// Changes that set a field with a limit.
pub(crate) struct SignIn<'s> {
    limit: &'s Limit,
    write: Write,
    text: String,
}

impl Limit {
    pub(super) fn new<T: 'static, V: 'static>(field: IndexField<T, V>, most: usize, on_limit: OnLimit) -> Self {
        let has = Box::new(move |info: &SessionInfo, text: &str| info.has(&field, text));
        Self { spec: *field.spec(), most, on_limit, has }
    }

    pub(super) fn check(&self) -> Result<()> {
        match self.most {
            0 => Err(SessionError::config(format!("`max_sessions` of `{}` is 0: nobody could sign in", self.spec.key))),
            _ => Ok(()),
        }
    }

    fn sign_in(&self, changes: &Changes) -> Option<SignIn<'_>> {
        let write = changes.write_to(&self.spec)?;
        let text = write.index_text.clone()?;
        Some(SignIn { limit: self, write: write.clone(), text })
    }
}

impl Shared {
    /// Whether these changes set a field with a limit.
    pub(crate) fn sign_in(&self, changes: &Changes) -> Option<SignIn<'_>> {
        self.limits.iter().find_map(|limit| limit.sign_in(changes))
    }
}

impl SignIn<'_> {
    /// Stores the changes and keeps the limit; the trip must be held.
    pub(crate) async fn store(self, core: &Core, changes: &Arc<Changes>) -> Result<()> {
        // Those of one process don't get in each other's way.
        let place = Sha256::digest(&self.text).into();
        let _turn = core.shared().turns.wait(Some(SecretHash::from_bytes(place)), self.limit.spec.key).await;
        match self.limit.on_limit {
            OnLimit::EvictOldest => self.evict(core, changes).await,
            OnLimit::Refuse => self.refuse(core, changes).await,
        }
    }

    async fn evict(&self, core: &Core, changes: &Arc<Changes>) -> Result<()> {
        core.store_at_once(changes).await?;
        if let Err(error) = self.evict_oldest(core.shared()).await {
            // The visitor is signed in. The next sign-in ends what this one has left.
            tracing::warn!(error = &error as &dyn std::error::Error, "sessions beyond the limit were not ended");
        }
        Ok(())
    }

    /// All who do this at once agree on which are the oldest.
    async fn evict_oldest(&self, shared: &Shared) -> Result<()> {
        let Limit { spec, most, has, .. } = self.limit;
        let mut sessions = shared.listed(spec, &self.text, has).await?;
        sessions.sort_by_key(SessionInfo::signed_in);
        for info in &sessions[..sessions.len().saturating_sub(*most)] {
            shared.revoke_if(info.id(), RevokeReason::Limit, &|info| has(info, &self.text)).await?;
        }
        Ok(())
    }

    /// Who finds too many after having signed in takes it back, and so does whoever signed in at the same moment: so there is
    /// never one too many, and then they try again.
    async fn refuse(&self, core: &Core, changes: &Arc<Changes>) -> Result<()> {
        let deadline = Instant::now() + UPDATE_DEADLINE;
        // What is in the buffer of it.
        let mut own = Arc::new(Changes::of(self.write.clone()));
        let mut changes = Arc::clone(changes);
        loop {
            core.identify().await?;
            if self.others(core).await? >= self.limit.most || Instant::now() > deadline {
                // The caller is told, once: what else was collected can still be stored.
                core.state().pending_mut().subtract(&own);
                return Err(SessionError::LimitReached { field: self.limit.spec.key });
            }
            core.store_at_once(&changes).await?;
            if self.others(core).await? < self.limit.most {
                return Ok(());
            }
            // Into the buffer first: whoever gives up from here on can still store it.
            changes = Arc::new(Changes::of(Write { revision: Revision::random(), ..self.write.clone() }));
            own = Arc::clone(&changes);
            core.state().keep(&changes);
            core.store_at_once(&Arc::new(Changes::of(Write::remove(&self.limit.spec)))).await?;
            tokio::time::sleep(pause()).await;
        }
    }

    /// How many other sessions have the value.
    async fn others(&self, core: &Core) -> Result<usize> {
        let own = core.state().id();
        let sessions = core.shared().listed(&self.limit.spec, &self.text, &self.limit.has).await?;
        Ok(sessions.iter().filter(|info| Some(info.id()) != own).count())
    }
}

/// At random, up to 50 ms: several who wait should not meet again.
fn pause() -> Duration {
    Duration::from_micros(u64::from(u16::from_le_bytes(token::random()) % 50_000))
}
