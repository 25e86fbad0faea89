//! Storing changes and ending sessions: a trip that may have to be made more than once.

use std::sync::Arc;
use std::time::SystemTime;

use super::{Core, Elsewhere};
use crate::error::{Result, SessionError};
use crate::record::{Guard, Outcome};
use crate::session::changes::Changes;
use crate::session::identity::Commit;
use crate::session::state::{CommitStep, DestroyStep, Wanted};
use crate::store::StoreError;
use crate::token::SessionId;

impl Core {
    /// Stores the changes, within the limits there are; the trip must be held.
    pub(in crate::session) async fn store(&self, changes: &Arc<Changes>) -> Result<()> {
        if let Some(sign_in) = self.shared.sign_in(changes) {
            let storing: Elsewhere<'_> = Box::pin(sign_in.store(self, changes));
            return storing.await;
        }
        self.store_at_once(changes).await
    }

    /// Has it known who the visitor is; the trip must be held.
    pub(crate) fn identify(&self) -> Elsewhere<'_> {
        Box::pin(async { self.load_in_trip(Wanted::Identity, |_, _| ()).await })
    }

    /// Stores the changes; the trip must be held.
    pub(crate) async fn store_at_once(&self, changes: &Arc<Changes>) -> Result<()> {
        while !self.try_to_store(changes).await? {}
        Ok(())
    }

    /// Takes one step towards that; `false` where there must be another, by somebody else maybe: a token may be found to open
    /// nothing any longer.
    pub(crate) async fn try_to_store(&self, changes: &Arc<Changes>) -> Result<bool> {
        let step = self.state().commit_step(changes, &self.shared)?;
        match step {
            CommitStep::Nothing => return Ok(true),
            CommitStep::Settle => self.settle().await?,
            CommitStep::Resolve => self.identify().await?,
            CommitStep::Commit(commit) => return self.ask(&commit).await,
        }
        Ok(false)
    }

    pub(super) async fn settle_if_begun(&self) -> Result<()> {
        let is_begun = self.state().unsettled().is_some();
        if is_begun { self.settle().await } else { Ok(()) }
    }

    /// Asks the store again for a commit that was begun and then given up, or whose answer was lost: what it wrote may be
    /// there, and must not be mistaken for what is written now.
    pub(super) fn settle(&self) -> Elsewhere<'_> {
        Box::pin(async move {
            let Some(commit) = self.state().unsettled() else { return Ok(()) };
            // Where this fails, it says nothing about the first time: the commit stays unsettled.
            let outcome = self.submit(&commit).await?;
            match self.committed(&commit, outcome).await {
                Ok(_) | Err(SessionError::Conflict { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    /// Asks the store for a commit for the first time.
    async fn ask(&self, commit: &Commit) -> Result<bool> {
        match self.submit(commit).await {
            Ok(outcome) => self.committed(commit, outcome).await,
            Err(error) => {
                if !error.is_outcome_unknown() {
                    self.state().refused();
                }
                Err(error.into())
            }
        }
    }

    async fn committed(&self, commit: &Commit, outcome: Outcome) -> Result<bool> {
        let (committed, events) = {
            let mut state = self.state();
            (state.committed(commit, outcome, &self.shared), state.take_events())
        };
        if let Some(telling) = self.tell(events) {
            telling.await;
        }
        committed
    }

    /// A commit is recognised by the store when it is asked a second time.
    async fn submit(&self, commit: &Commit) -> Result<Outcome, StoreError> {
        let now = self.shared.clock.for_store();
        match self.submit_once(commit, now).await {
            Err(error) if error.is_outcome_unknown() => {
                match self.submit_once(commit, now).await {
                    // By somebody else, before it came or since: it may have been applied in between, and must not be done anew.
                    Ok(Outcome::Conflict(_)) => Err(error),
                    // That this one failed says nothing about the first.
                    again => again.map_err(StoreError::with_outcome_unknown),
                }
            }
            answer => answer,
        }
    }

    async fn submit_once(&self, commit: &Commit, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        match self.shared.store.immediate() {
            Some(store) => store.commit_now(commit.id, &commit.set, now),
            None => self.shared.store.commit(commit.id, &commit.set, now).await,
        }
    }

    /// Ends the session for ever.
    pub(crate) async fn destroy(&self) -> Result<()> {
        let _trip = self.trip().await;
        // A session whose creation was given up half-way may be there, to be destroyed too.
        self.settle_if_begun().await?;
        loop {
            let step = self.state().destroy_step(&self.shared)?;
            match step {
                DestroyStep::Nothing => {
                    self.state().become_visitor();
                    return Ok(());
                }
                DestroyStep::Resolve => self.identify().await?,
                DestroyStep::Destroy(id, guard) => return self.destroy_stored(id, guard).await,
            }
        }
    }

    async fn destroy_stored(&self, id: SessionId, guard: Guard) -> Result<()> {
        let ending = self.shared.destroy(id, guard).await?;
        let ended = self.state().take_in_ending(id, ending);
        if ended.is_err() {
            self.discard("the session's token was superseded");
        }
        self.report().await;
        ended
    }
}
