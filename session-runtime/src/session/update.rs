//! `update` and `take`: read, change and write one field, until nobody was in between.

use std::time::Duration;

use std::sync::Arc;
use tokio::sync::MutexGuard;
use tokio::time::Instant;

use super::changes::{Changes, Write};
use super::core::Core;
use super::state::Wanted;
use super::view::Base;
use crate::error::{Result, SessionError, UPDATE_DEADLINE};
use crate::manager::Turn;
use crate::schema::{Encoded, FieldSpec};
use crate::token;

/// One field being changed. It knows nothing of the field's type, so that all fields share this code.
pub(super) struct Update<'c> {
    core: &'c Core,
    spec: FieldSpec,
    seen: Seen<'c>,
    deadline: Instant,
    tries: u32,
    turn: Option<Turn>,
}

/// What the field was seen to be. Until the trip ends, only the buffer can change.
struct Seen<'c> {
    trip: MutexGuard<'c, ()>,
    just_loaded: bool,
    buffered: Option<Write>,
    base: Base,
}

/// What is left to do with a change.
enum Left {
    Nothing,
    /// A clone wrote the field meanwhile: nothing was collected.
    Again,
    Store(Changes),
}

impl<'c> Update<'c> {
    pub(super) async fn begin(core: &'c Core, spec: FieldSpec) -> Result<Self> {
        let deadline = Instant::now() + UPDATE_DEADLINE;
        let turn = core.turn(spec).await;
        let seen = Seen::load(core, spec).await?;
        Ok(Self { core, spec, seen, deadline, tries: 0, turn })
    }

    /// The bytes to start from.
    pub(super) fn value(&self) -> Option<&Arc<[u8]>> {
        self.seen.base.value.as_ref()
    }

    /// Writes what the value became. If others were faster, gives back what there is to start from now.
    pub(super) async fn leave(mut self, value: Option<Encoded>) -> Result<Option<Self>> {
        match self.collect(value)? {
            Left::Nothing => Ok(None),
            Left::Again => Ok(Some(self.look_again())),
            Left::Store(changes) => match self.core.store(changes).await {
                Err(SessionError::Conflict { .. }) if Instant::now() < self.deadline => self.retry().await.map(Some),
                stored => stored.map(|()| None),
            },
        }
    }

    fn collect(&mut self, value: Option<Encoded>) -> Result<Left> {
        let Seen { just_loaded, buffered, base, .. } = &mut self.seen;
        let mut state = self.core.state();
        let is_stored = state.is_stored();
        let nothing_to_do = value.is_none() && base.value.is_none();
        if nothing_to_do && (*just_loaded || !is_stored) {
            return Ok(Left::Nothing);
        }
        state.check_alive(self.spec)?;
        if !is_stored && state.pending().revision_of(self.spec) != buffered.as_ref().map(|write| write.revision) {
            return Ok(Left::Again);
        }
        let write = Write::updated(self.spec, value, base.expiry);
        if !is_stored && state.collect(write.clone(), self.core.shared()) {
            return Ok(Left::Nothing);
        }
        let expect = std::mem::take(&mut base.expect);
        Ok(Left::Store(match nothing_to_do {
            // Nothing was there when it was loaded: is that so still?
            true => Changes::default().expecting(expect),
            false => Changes::of(write).expecting(expect).replacing(buffered.as_ref()),
        }))
    }

    fn look_again(self) -> Self {
        let seen = Seen::look(self.core, self.spec, self.seen.trip, self.seen.just_loaded);
        Self { seen, ..self }
    }

    /// Waits a little, lets others have their trips, and loads what they left.
    async fn retry(self) -> Result<Self> {
        let Self { core, spec, seen, deadline, tries, turn } = self;
        drop(seen);
        tokio::time::sleep(jitter(tries)).await;
        let seen = Seen::load(core, spec).await?;
        Ok(Self { core, spec, seen, deadline, tries: tries + 1, turn })
    }
}

impl<'c> Seen<'c> {
    async fn load(core: &'c Core, spec: FieldSpec) -> Result<Self> {
        let trip = core.trip.lock().await;
        let just_loaded = core.load_in_trip(Wanted::Values(&[spec])).await?;
        Ok(Self::look(core, spec, trip, just_loaded))
    }

    fn look(core: &Core, spec: FieldSpec, trip: MutexGuard<'c, ()>, just_loaded: bool) -> Self {
        let state = core.state();
        let buffered = state.pending().write_to(spec).cloned();
        Self { trip, just_loaded, buffered, base: state.base(spec, core.shared()) }
    }
}

/// How long to wait after so many conflicts before this one: at random, up to 64 ms.
fn jitter(conflicts: u32) -> Duration {
    let most = 1_u16 << (conflicts + 1).min(6);
    let random = u16::from_le_bytes(token::random());
    Duration::from_micros(u64::from(random % (most * 1000)))
}
