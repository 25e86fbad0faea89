//! A handle's trips to the store, one at a time.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, SemaphorePermit};

use super::identity::Carried;
use super::state::{Dropped, State, Wanted};
use crate::error::Result;
use crate::event::{RejectReason, SessionEvent};
use crate::manager::Shared;
use crate::token::{SessionId, Token};

mod finishing;
mod reading;
mod storing;
mod writing;

/// What all clones of a handle share.
pub(crate) struct Core {
    shared: Arc<Shared>,
    /// One permit, held during a trip to the store: those who want the same answer wait for it.
    trip: Semaphore,
    /// Never locked across an await.
    state: Mutex<State>,
}

impl Core {
    pub(crate) fn of_request(shared: Arc<Shared>, carried: Carried) -> Self {
        Self::new(shared, State::of_request(carried))
    }

    pub(crate) fn started(shared: Arc<Shared>) -> Self {
        Self::new(shared, State::started())
    }

    /// Opens the session of this token, if it opens one.
    pub(crate) async fn open(shared: Arc<Shared>, token: Token) -> Result<Option<Self>> {
        if !shared.is_well_formed(&token) {
            shared.report(SessionEvent::Rejected { session: None, reason: RejectReason::Malformed });
            return Ok(None);
        }
        let core = Self::new(shared, State::opened(token));
        core.load(Wanted::Identity).await?;
        let opens = core.state().meta().is_some();
        if opens {
            let _trip = core.trip().await;
            core.keep_up().await;
        }
        Ok((opens && core.state().meta().is_some()).then_some(core))
    }

    fn new(shared: Arc<Shared>, state: State) -> Self {
        Self { shared, trip: Semaphore::const_new(1), state: Mutex::new(state) }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// A panic under this lock leaves a state whose every part is whole.
    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else is on a trip.
    pub(in crate::session) async fn trip(&self) -> SemaphorePermit<'_> {
        match self.trip.try_acquire() {
            Ok(trip) => trip,
            // Elsewhere: few wait.
            Err(_) => Box::pin(self.trip.acquire()).await.expect("a handle's semaphore is never closed"),
        }
    }

    /// Tells what has happened.
    async fn report(&self) {
        let events = self.state().take_events();
        if let Some(telling) = self.tell(events) {
            telling.await;
        }
    }

    /// Tells it, if there is anything, now that the state is not locked: who listens may use the session.
    fn tell(&self, events: Vec<SessionEvent>) -> Option<Elsewhere<'_, ()>> {
        (!events.is_empty()).then(|| -> Elsewhere<'_, ()> {
            Box::pin(async move {
                for session in self.tell_now(events) {
                    self.shared.answer_reuse(session).await;
                }
            })
        })
    }

    /// The same, without what is to be done about it: gives back the sessions that must be looked after.
    fn tell_now(&self, events: Vec<SessionEvent>) -> Vec<SessionId> {
        let mut reused = Vec::new();
        for event in events {
            self.shared.report(event);
            if let SessionEvent::ReuseDetected { session } = event {
                reused.push(session);
            }
        }
        reused
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        report_dropped(state.discard(), "the last handle was dropped without a commit");
        let events = state.take_events();
        if !events.is_empty() {
            self.tell_now(events);
        }
    }
}

fn report_dropped(dropped: Option<Dropped>, why: &'static str) {
    if let Some(Dropped { changes, may_be_stored }) = dropped {
        let fields: Vec<_> = changes.writes().iter().map(|write| write.spec.key).collect();
        tracing::warn!(?fields, may_be_stored, why, "buffered session changes were dropped");
    }
}

/// A future that is rarely needed, kept elsewhere: all others would be as large as it is.
type Elsewhere<'c, R = Result<()>> = Pin<Box<dyn Future<Output = R> + Send + 'c>>;

impl fmt::Debug for Core {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("id", &self.state().id()).finish_non_exhaustive()
    }
}
