//! `update` and `take`: read, change and write one field, until nobody was in between.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::SemaphorePermit;
use tokio::time::Instant;

use super::changes::{Changes, Write};
use super::core::Core;
use super::identity::Opener;
use super::state::{State, Wanted};
use super::view::Base;
use crate::error::{Result, SessionError, UPDATE_DEADLINE};
use crate::manager::Turn;
use crate::pause;
use crate::record::Revision;
use crate::schema::{Encoded, FieldSpec};

/// One field being changed. It knows nothing of the field's type, so that all fields share this code.
pub(super) struct Update<'c> {
    core: &'c Core,
    spec: &'c FieldSpec,
    seen: Seen,
    /// Until it ends, only the buffer can change.
    trip: Option<SemaphorePermit<'c>>,
    /// Until when it is tried; set by the first conflict.
    deadline: Option<Instant>,
    tries: u32,
    turn: Option<Turn>,
}

/// What an update leaves to the next one of this process, which starts from it without a trip. The store compares, as with
/// anything that was loaded.
#[derive(Debug)]
pub(crate) struct Handover {
    opener: Opener,
    field: &'static str,
    base: Base,
}

impl Handover {
    pub(super) fn new(opener: Opener, spec: &FieldSpec, base: Base) -> Self {
        Self { opener, field: spec.key, base }
    }

    /// Queues tell neither apart for certain.
    pub(super) fn is_of(&self, opener: &Opener, spec: &FieldSpec) -> bool {
        self.opener == *opener && self.field == spec.key
    }
}

/// What the field was seen to be.
#[derive(Default)]
struct Seen {
    /// It was handed over, not loaded.
    is_guess: bool,
    just_loaded: bool,
    /// The write to it that is in the buffer.
    buffered: Option<Revision>,
    base: Base,
}

/// What is left to do with a change.
enum Left {
    Nothing,
    /// A clone wrote the field meanwhile: nothing was collected.
    Again,
    Store(Arc<Changes>),
}

impl<'c> Update<'c> {
    pub(super) async fn begin(core: &'c Core, spec: &'c FieldSpec) -> Self {
        let turn = core.turn(spec).await;
        Self { core, spec, seen: Seen::default(), trip: None, deadline: None, tries: 0, turn }
    }

    /// Finds out where to start from: what the update before this one has left, or else what is stored.
    pub(super) async fn start(&mut self) -> Result<()> {
        self.trip = Some(self.core.trip().await);
        match self.turn.as_ref().and_then(Turn::take_handover).and_then(|handover| self.accept(handover)) {
            Some(seen) => self.seen = seen,
            None => self.load().await?,
        }
        Ok(())
    }

    fn accept(&self, handover: Handover) -> Option<Seen> {
        let accepts = self.core.state().may_accept(&handover, self.spec);
        accepts.then(|| Seen { is_guess: true, base: handover.base, ..Seen::default() })
    }

    /// Whether it starts from what was handed over.
    pub(super) fn has_guessed(&self) -> bool {
        self.seen.is_guess
    }

    /// Leaves what this one has come to.
    pub(super) fn hand_over(&self) {
        if let Some(turn) = &self.turn {
            turn.hand_over(|| self.core.state().handover(self.spec, self.core.shared()));
        }
    }

    /// Finds out what the field is; the trip must be held.
    pub(super) async fn load(&mut self) -> Result<()> {
        let wanted = Wanted::Values(std::slice::from_ref(self.spec));
        let look = |state: &State, just_loaded| self.see(state, just_loaded);
        self.seen = self.core.load_in_trip(wanted, look).await?;
        Ok(())
    }

    fn see(&self, state: &State, just_loaded: bool) -> Seen {
        let buffered = state.pending().revision_of(self.spec);
        Seen { is_guess: false, just_loaded, buffered, base: state.base(self.spec, self.core.shared()) }
    }

    /// The bytes to start from.
    pub(super) fn value(&self) -> Option<&Arc<[u8]>> {
        self.seen.base.value.as_ref()
    }

    /// Writes what the value became, and says whether that is done. If others were faster, there is another value to start
    /// from now.
    pub(super) async fn leave(&mut self, value: Option<Encoded>) -> Result<bool> {
        match self.collect(value)? {
            Left::Nothing => Ok(true),
            Left::Again => {
                self.seen = self.see(&self.core.state(), self.seen.just_loaded);
                Ok(false)
            }
            Left::Store(changes) => match self.core.store(&changes).await {
                Err(SessionError::Conflict { .. }) if self.may_try_again() => {
                    self.pause().await;
                    self.trip = Some(self.core.trip().await);
                    self.load().await.map(|()| false)
                }
                stored => stored.map(|()| true),
            },
        }
    }

    fn collect(&mut self, value: Option<Encoded>) -> Result<Left> {
        let Seen { just_loaded, buffered, base, .. } = &mut self.seen;
        let mut state = self.core.state();
        let is_stored = state.is_stored();
        // What counts as absent may be another release's: it stays until there is a value to replace it.
        let is_there = base.value.as_ref().is_some_and(|bytes| self.spec.counts(bytes));
        let nothing_to_do = value.is_none() && !is_there;
        // What the buffer has of it stays there: a removal that is to be stored.
        if nothing_to_do && (*just_loaded || !is_stored || buffered.is_some()) {
            return Ok(Left::Nothing);
        }
        state.check_alive(self.spec)?;
        if !is_stored && state.pending().revision_of(self.spec) != *buffered {
            return Ok(Left::Again);
        }
        let mut write = Write::updated(self.spec, value, base.expiry);
        if !is_stored {
            match state.collect(write, self.core.shared()) {
                None => return Ok(Left::Nothing),
                Some(again) => write = again,
            }
        }
        let expect = std::mem::take(&mut base.expect);
        // Where nothing was there when it was loaded: is that so still?
        let write = (!nothing_to_do).then_some(write);
        Ok(Left::Store(Arc::new(Changes::swap(write, expect, *buffered))))
    }

    fn may_try_again(&mut self) -> bool {
        let now = Instant::now();
        now < *self.deadline.get_or_insert(now + UPDATE_DEADLINE)
    }

    /// Waits a little, and lets others have their trips.
    async fn pause(&mut self) {
        self.trip = None;
        // Elsewhere: few updates wait, and a timer is large.
        Box::pin(tokio::time::sleep(pause(self.tries))).await;
        self.tries += 1;
    }
}

/// How long to wait after so many conflicts before this one: up to 64 ms.
fn pause(conflicts: u32) -> Duration {
    pause::at_random(1_000 << (conflicts + 1).min(6))
}
