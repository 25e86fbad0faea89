//! A handle's trips to the store, one at a time.

use std::future::Future;
use std::pin::Pin;
use std::slice;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::StatusCode;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::changes::{Changes, Write};
use super::identify::Records;
use super::identity::{Carried, Commit, Phase};
use super::state::{CommitStep, DestroyStep, Finished, LoadStep, State, Wanted};
use super::update::Update;
use super::view::Look;
use crate::error::{Result, SessionError};
use crate::event::{RejectReason, SessionEvent};
use crate::manager::{OnServerError, Shared, Turn};
use crate::record::{Guard, Meta, Outcome};
use crate::schema::{Encoded, FieldSpec};
use crate::store::StoreError;
use crate::token::{SessionId, Token};

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
    pub(super) async fn trip(&self) -> SemaphorePermit<'_> {
        match self.trip.try_acquire() {
            Ok(trip) => trip,
            // Elsewhere: few wait.
            Err(_) => Box::pin(self.trip.acquire()).await.expect("a handle's semaphore is never closed"),
        }
    }

    // Reading.

    /// The field's bytes.
    pub(crate) async fn read(&self, spec: &FieldSpec) -> Result<Option<Arc<[u8]>>> {
        match self.look_to_read(spec) {
            Look::Value(value) => Ok(Some(value)),
            Look::Absent => Ok(None),
            Look::Unknown | Look::Exists => {
                let _trip = self.trip().await;
                let wanted = Wanted::Values(slice::from_ref(spec));
                self.load_in_trip(wanted, |state, _| state.value(spec, &self.shared)).await
            }
        }
    }

    /// Whether the field is there. A lazy one's value is not loaded for it, unless only its value tells.
    pub(crate) async fn has(&self, spec: &FieldSpec) -> Result<bool> {
        self.note_read();
        match self.look(spec) {
            Look::Unknown | Look::Exists if spec.default_on_mismatch => {
                self.load(Wanted::Values(slice::from_ref(spec))).await?
            }
            Look::Unknown => self.load(Wanted::Keys).await?,
            Look::Absent | Look::Exists | Look::Value(_) => {}
        }
        Ok(self.is_there(spec))
    }

    /// Which of these fields are there.
    pub(crate) async fn present(&self, fields: &[FieldSpec]) -> Result<Vec<&'static str>> {
        self.note_read();
        let told_by_value: Vec<_> = fields.iter().filter(|spec| spec.default_on_mismatch).copied().collect();
        // The first of these that asks the store learns what the second wants.
        self.load(Wanted::Values(&told_by_value)).await?;
        self.load(Wanted::Keys).await?;
        Ok(fields.iter().filter(|spec| self.is_there(spec)).map(|spec| spec.key).collect())
    }

    fn is_there(&self, spec: &FieldSpec) -> bool {
        match self.look(spec) {
            Look::Unknown | Look::Absent => false,
            Look::Exists => true,
            Look::Value(bytes) => spec.counts(&bytes),
        }
    }

    /// The bytes of these fields.
    pub(crate) async fn read_all(&self, fields: &[FieldSpec]) -> Result<Vec<(&'static str, Option<Arc<[u8]>>)>> {
        self.note_read();
        self.load(Wanted::Values(fields)).await?;
        let state = self.state();
        Ok(fields.iter().map(|spec| (spec.key, state.value(spec, &self.shared))).collect())
    }

    /// All but the fields; `None` when there is no stored session.
    pub(crate) async fn meta(&self) -> Result<Option<Meta>> {
        self.note_read();
        self.load(Wanted::Identity).await?;
        Ok(self.state().meta().cloned())
    }

    fn note_read(&self) {
        self.state().note_read();
    }

    fn look(&self, spec: &FieldSpec) -> Look {
        self.state().look(spec, &self.shared)
    }

    fn look_to_read(&self, spec: &FieldSpec) -> Look {
        let mut state = self.state();
        state.note_read();
        state.look(spec, &self.shared)
    }

    /// Has it known what is wanted.
    async fn load(&self, wanted: Wanted<'_>) -> Result<()> {
        if self.state().load_plan(wanted, &self.shared).is_some() {
            let _trip = self.trip().await;
            self.load_in_trip(wanted, |_, _| ()).await?;
        }
        Ok(())
    }

    /// The same for whoever holds the trip; then looks at what is known, and is told whether the store was asked.
    pub(super) async fn load_in_trip<R>(&self, wanted: Wanted<'_>, look: impl FnOnce(&State, bool) -> R) -> Result<R> {
        let plan = loop {
            let step = self.state().load_step(wanted, &self.shared);
            match step {
                LoadStep::Nothing => return Ok(look(&self.state(), false)),
                LoadStep::Settle => self.settle().await?,
                LoadStep::Load(plan) => break plan,
            }
        };
        let now = self.shared.clock.for_store();
        let mut records = Records::new();
        for id in &plan.sessions {
            records.push(match self.shared.store.immediate() {
                Some(store) => store.load_now(*id, &plan.select, now)?,
                None => self.shared.store.load(*id, &plan.select, now).await?,
            });
        }
        let (looked, events) = {
            let mut state = self.state();
            let loaded = state.loaded(&plan, &mut records, &self.shared);
            (loaded.map(|()| look(&state, true)), state.take_events())
        };
        if let Some(telling) = self.tell(events) {
            telling.await;
        }
        looked
    }

    // Writing.

    /// Sets or removes a field in the buffer, where one is kept; gives the write back where none is.
    pub(crate) fn collect(&self, write: Write) -> Option<Write> {
        let mut state = self.state();
        if state.is_no_change(&write, &self.shared) {
            state.pending_mut().forget(&write.spec);
            return None;
        }
        state.collect(write, &self.shared)
    }

    /// Sets or removes a field in the store.
    pub(crate) async fn write_through(&self, write: Write) -> Result<()> {
        let _trip = self.trip().await;
        self.store(&Arc::new(Changes::of(write))).await
    }

    pub(crate) async fn write(&self, write: Write) -> Result<()> {
        match self.collect(write) {
            None => Ok(()),
            Some(write) => self.write_through(write).await,
        }
    }

    /// Replaces the secret with the next commit.
    pub(crate) async fn regenerate(&self) -> Result<()> {
        self.amend(|changes| changes.rotate(), |state, shared| state.regenerate(shared)).await
    }

    /// Replaces the session's lifetime with the next commit.
    pub(crate) async fn remember(&self, life: Duration) -> Result<()> {
        self.amend(|changes| changes.remember(life), |state, _| state.pending_mut().change().remember(life)).await
    }

    async fn amend(&self, change: impl FnOnce(&mut Changes), collect: impl FnOnce(&mut State, &Shared)) -> Result<()> {
        {
            let mut state = self.state();
            if state.phase.collects() {
                collect(&mut state, &self.shared);
                return Ok(());
            }
        }
        let mut changes = Changes::default();
        change(&mut changes);
        let _trip = self.trip().await;
        self.store(&Arc::new(changes)).await
    }

    /// Changes the field with `change`, which gets the stored bytes and leaves others, atomically.
    pub(crate) async fn update(&self, spec: &FieldSpec, mut change: impl Change) -> Result<()> {
        self.note_read();
        let mut update = Update::begin(self, spec).await;
        update.load().await?;
        loop {
            let value = change(update.value())?;
            if update.leave(value).await? {
                return Ok(());
            }
        }
    }

    /// Waits for the turn to update the field.
    pub(super) async fn turn(&self, spec: &FieldSpec) -> Option<Turn> {
        let holder = {
            let mut state = self.state();
            state.read_headers(&self.shared);
            state.queue()
        };
        self.shared.turns.wait(holder, spec.key).await
    }

    /// Stores what is in the buffer.
    pub(crate) async fn commit(&self) -> Result<()> {
        let _trip = self.trip().await;
        let stored = self.commit_in_trip().await;
        if let Err(SessionError::Gone) = stored {
            // The caller is told.
            self.state().discard();
        }
        stored
    }

    async fn commit_in_trip(&self) -> Result<()> {
        // First, for it takes what it finds stored out of the buffer.
        self.settle_if_begun().await?;
        let changes = self.state().pending().changes();
        match changes {
            Some(changes) => self.store(&changes).await,
            None => Ok(()),
        }
    }

    /// Stores the changes, within the limits there are; the trip must be held.
    pub(super) async fn store(&self, changes: &Arc<Changes>) -> Result<()> {
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
        loop {
            let step = self.state().commit_step(changes, &self.shared)?;
            match step {
                CommitStep::Nothing => return Ok(()),
                CommitStep::Settle => self.settle().await?,
                CommitStep::Resolve => self.identify().await?,
                CommitStep::Commit(commit) => {
                    if self.ask(&commit).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn settle_if_begun(&self) -> Result<()> {
        let is_begun = self.state().unsettled().is_some();
        if is_begun { self.settle().await } else { Ok(()) }
    }

    /// Asks the store again for a commit that was begun and then given up, or whose answer was lost: what it wrote may be
    /// there, and must not be mistaken for what is written now.
    fn settle(&self) -> Elsewhere<'_> {
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
                    self.state().destroyed();
                    return Ok(());
                }
                DestroyStep::Resolve => self.identify().await?,
                DestroyStep::Destroy(id, guard) => return self.destroy_stored(id, guard).await,
            }
        }
    }

    async fn destroy_stored(&self, id: SessionId, guard: Guard) -> Result<()> {
        let ending = self.shared.destroy(id, guard).await?;
        let ended = self.state().ended(id, ending);
        if ended.is_err() {
            self.discard("the session's token was superseded");
        }
        self.report().await;
        ended
    }

    // What happened.

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

    // The end of a request.

    /// Does so at once, where nothing is left to be stored.
    pub(crate) fn finish_now(&self) -> Option<Finished> {
        let mut state = self.state();
        if state.is_untouched() {
            return Some(state.finish(&self.shared));
        }
        // Whoever is on a trip may be about to ask for a new token, and be in time for this response.
        let is_on_trip = self.trip.available_permits() == 0;
        if is_on_trip { None } else { state.finish_if_settled(&self.shared) }
    }

    /// Stores what is in the buffer and closes it: after this, writes are stored at once and no token can be sent.
    pub(crate) async fn finish(&self, status: StatusCode) -> Result<Finished> {
        if status.is_server_error() && self.shared.on_server_error == OnServerError::Discard {
            self.discard("the response is a server error");
        }
        let _trip = self.trip().await;
        loop {
            let stored = self.commit_at_end().await;
            if stored.is_ok() {
                if let Some(finished) = self.state().finish_if_settled(&self.shared) {
                    return Ok(finished);
                }
                self.keep_up().await;
            }
            self.report().await;
            stored?;
            let mut state = self.state();
            // A clone may have written meanwhile.
            if state.pending().is_empty() {
                return Ok(state.finish(&self.shared));
            }
        }
    }

    async fn commit_at_end(&self) -> Result<()> {
        if self.shared.lifetimes.renew_after.is_some() {
            self.state().join_renewal(&self.shared);
        }
        match self.commit_in_trip().await {
            Ok(()) => Ok(()),
            Err(SessionError::Gone) => {
                self.discard("the session ended, or its token was superseded");
                Ok(())
            }
            Err(error) => {
                self.abandon("the session could not be stored");
                Err(error)
            }
        }
    }

    /// Moves deadlines and renews the secret, if that is due; the trip must be held. That it could not be done must not undo
    /// what was asked for: it is reported.
    async fn keep_up(&self) {
        let Some(changes) = self.state().upkeep(&self.shared) else { return };
        match self.store(&Arc::new(changes)).await {
            Ok(()) | Err(SessionError::Gone) => {}
            Err(error) => tracing::warn!(error = &error as &dyn std::error::Error, "the session's upkeep failed"),
        }
    }

    /// What the response must say whatever became of the changes: what was stored before stays stored.
    pub(crate) fn announce(&self) -> Finished {
        self.state().finish(&self.shared)
    }

    /// There will be no response: nothing that was buffered is stored, and later writes are stored at once.
    pub(crate) fn abandon(&self, why: &'static str) {
        let events = {
            let mut state = self.state();
            state.phase = Phase::Sent;
            report_dropped(state.discard(), why);
            state.take_events()
        };
        self.tell_now(events);
    }

    fn discard(&self, why: &'static str) {
        report_dropped(self.state().discard(), why);
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

fn report_dropped(changes: Option<Arc<Changes>>, why: &'static str) {
    if let Some(changes) = changes {
        let fields: Vec<_> = changes.writes().iter().map(|write| write.spec.key).collect();
        tracing::warn!(?fields, why, "buffered session changes were dropped");
    }
}

/// A future that is rarely needed, kept elsewhere: all others would be as large as it is.
type Elsewhere<'c, R = Result<()>> = Pin<Box<dyn Future<Output = R> + Send + 'c>>;

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("id", &self.state().id()).finish_non_exhaustive()
    }
}

/// What `update` does to a field's bytes.
pub(crate) trait Change: FnMut(Option<&Arc<[u8]>>) -> Result<Option<Encoded>> {}

impl<F: FnMut(Option<&Arc<[u8]>>) -> Result<Option<Encoded>>> Change for F {}
