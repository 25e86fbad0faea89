//! At most so many sessions per value of an index field.

use std::sync::Arc;

use tokio::time::Instant;

use super::{Place, SessionInfo, Shared, Turn};
use crate::error::{Result, SessionError, UPDATE_DEADLINE};
use crate::event::RevokeReason;
use crate::pause;
use crate::record::Revision;
use crate::schema::{FieldSpec, IndexField};
use crate::session::{Changes, Core, Write};

/// How long at most to wait before a sign-in is tried again that met with others, in microseconds.
const MOST_PAUSE: u64 = 50_000;

/// What becomes of a sign-in when the limit on sessions is reached: see [`Builder::max_sessions`](crate::Builder::max_sessions).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnLimit {
    /// The sessions that signed in the longest ago are ended, after the sign-in was stored: for that moment there is one too many,
    /// and where the store fails in between, until the next sign-in. By a field that is not `rotate` nobody signs in, and the
    /// sessions that began the longest ago are ended; of two that set it at the same moment, on two nodes, each may end the other.
    EvictOldest,
    /// It fails with [`LimitReached`](crate::SessionError::LimitReached), and the visitor is not signed in, as nobody is any more who
    /// was before in that session where another node was faster. There is never one too many, unless the store fails in between.
    /// Where others sign in on other nodes at every try for 5 seconds, so that nobody finds room, it fails with
    /// [`Conflict`](crate::SessionError::Conflict).
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

/// Changes that set fields with a limit: one, nearly always.
pub(crate) struct SignIn<'s>(Vec<Limited<'s>>);

/// The write to one of these fields.
struct Limited<'s> {
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

    fn on(&self, changes: &Changes) -> Option<Limited<'_>> {
        let write = changes.write_to(&self.spec)?;
        let text = write.index_text.clone()?;
        Some(Limited { limit: self, write: write.clone(), text })
    }

    pub(super) fn is_of(&self, spec: &FieldSpec) -> bool {
        self.spec.key == spec.key
    }
}

impl Shared {
    /// Whether these changes set a field with a limit.
    pub(crate) fn sign_in(&self, changes: &Changes) -> Option<SignIn<'_>> {
        let limited: Vec<_> = self.limits.iter().filter_map(|limit| limit.on(changes)).collect();
        (!limited.is_empty()).then_some(SignIn(limited))
    }
}

impl SignIn<'_> {
    /// Stores the changes and keeps the limits; the trip must be held.
    pub(crate) async fn store(self, core: &Core, changes: &Arc<Changes>) -> Result<()> {
        let _turns = self.turns(core.shared()).await;
        if self.0.iter().any(Limited::may_refuse) {
            self.store_where_there_is_room(core, changes).await?;
        } else {
            core.store_at_once(changes).await?;
        }
        for limited in self.0.iter().filter(|limited| !limited.may_refuse()) {
            limited.evict(core).await;
        }
        Ok(())
    }

    /// Those of one process don't get in each other's way. In the order of the manager's limits: no two wait for each other.
    async fn turns(&self, shared: &Shared) -> Vec<Turn> {
        let mut turns = Vec::new();
        for Limited { limit, text, .. } in &self.0 {
            turns.push(shared.turns.wait(Place::of_value(text, limit.spec.key)).await);
        }
        turns
    }

    /// Who finds too many after having signed in takes it back, and so does whoever signed in at the same moment: so there is
    /// never one too many, and then they try again.
    async fn store_where_there_is_room(&self, core: &Core, changes: &Arc<Changes>) -> Result<()> {
        let deadline = Instant::now() + UPDATE_DEADLINE;
        // What is in the buffer of it.
        let mut own = together(self.0.iter().map(|limited| limited.write.clone()));
        let mut changes = Arc::clone(changes);
        loop {
            core.identify().await?;
            if let Some(error) = self.refusal(core, deadline).await? {
                // The caller is told, once: what else was collected can still be stored.
                core.state().pending_mut().subtract(&own);
                return Err(error);
            }
            if !core.try_to_store(&changes).await? {
                // Who the visitor is has changed, and so have the others.
                continue;
            }
            let others = self.full(core).await;
            if matches!(others, Ok(None)) {
                return Ok(());
            }
            // Into the buffer first: whoever gives up from here on can still store it.
            own = together(self.0.iter().map(Limited::anew));
            changes = Arc::clone(&own);
            core.state().keep(&changes);
            core.store_at_once(&together(self.0.iter().map(Limited::removal))).await?;
            others?;
            tokio::time::sleep(pause::at_random(MOST_PAUSE)).await;
        }
    }

    /// Why the visitor is not signed in, before anything is written.
    async fn refusal(&self, core: &Core, deadline: Instant) -> Result<Option<SessionError>> {
        let field = self.0[0].limit.spec.key;
        Ok(match self.full(core).await? {
            Some(field) => Some(SessionError::LimitReached { field }),
            None if Instant::now() > deadline => Some(SessionError::Conflict { field }),
            None => None,
        })
    }

    /// The field whose value has as many other sessions as it may have already.
    async fn full(&self, core: &Core) -> Result<Option<&'static str>> {
        for limited in self.0.iter().filter(|limited| limited.may_refuse()) {
            if limited.others(core).await? >= limited.limit.most {
                return Ok(Some(limited.limit.spec.key));
            }
        }
        Ok(None)
    }
}

impl Limited<'_> {
    fn may_refuse(&self) -> bool {
        self.limit.on_limit == OnLimit::Refuse
    }

    /// The same once more.
    fn anew(&self) -> Write {
        Write { revision: Revision::random(), ..self.write.clone() }
    }

    fn removal(&self) -> Write {
        Write::remove(&self.limit.spec)
    }

    /// How many other sessions have the value.
    async fn others(&self, core: &Core) -> Result<usize> {
        let own = core.state().id();
        let sessions = core.shared().listed(&self.limit.spec, &self.text, &self.limit.has).await?;
        Ok(sessions.iter().filter(|info| Some(info.id()) != own).count())
    }

    async fn evict(&self, core: &Core) {
        if let Err(error) = self.evict_oldest(core).await {
            // The visitor is signed in. The next sign-in ends what this one has left.
            tracing::warn!(error = &error as &dyn std::error::Error, "sessions beyond the limit were not ended");
        }
    }

    /// All who do this at once agree on which are the oldest, if the field is a sign-in.
    async fn evict_oldest(&self, core: &Core) -> Result<()> {
        let Limit { spec, most, has, .. } = self.limit;
        let (shared, own) = (core.shared(), core.state().id());
        let mut sessions = shared.listed(spec, &self.text, has).await?;
        // Where the field is no sign-in, nothing tells when it was set: but for the one that has just done it.
        sessions.sort_by_key(|info| (!spec.rotate && Some(info.id()) == own, info.signed_in()));
        for info in &sessions[..sessions.len().saturating_sub(*most)] {
            shared.revoke_if(info.id(), RevokeReason::Limit, &|info| has(info, &self.text)).await?;
        }
        Ok(())
    }
}

/// Writes as one change.
fn together(writes: impl Iterator<Item = Write>) -> Arc<Changes> {
    let mut changes = Changes::default();
    writes.for_each(|write| changes.write(write));
    Arc::new(changes)
}
