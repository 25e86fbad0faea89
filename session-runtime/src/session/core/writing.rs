//! Writing: into the buffer where there is one, into the store where there is none, and what is in the buffer when it is asked for.

use std::sync::Arc;
use std::time::Duration;

use super::Core;
use crate::error::{Result, SessionError};
use crate::manager::{Place, Shared, Turn, lifetimes};
use crate::schema::{Encoded, FieldSpec};
use crate::session::changes::{Changes, Write};
use crate::session::state::State;
use crate::session::update::Update;

impl Core {
    /// Sets or removes a field in the buffer, where one is kept; gives the write back where none is.
    pub(crate) fn collect(&self, write: Write) -> Option<Write> {
        // Whoever is on a trip may be about to store another value.
        let is_on_trip = self.trip.available_permits() == 0;
        let mut state = self.state();
        if !is_on_trip && state.is_no_change(&write, &self.shared) {
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
        lifetimes::check("remember", life)?;
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
        update.start().await?;
        loop {
            let value = match change(update.value()) {
                // What was handed over is a guess: only what is stored can be at fault.
                Err(_) if update.has_guessed() => {
                    update.load().await?;
                    continue;
                }
                value => value?,
            };
            if update.leave(value).await? {
                update.hand_over();
                return Ok(());
            }
        }
    }

    /// Waits for the turn to update the field.
    pub(in crate::session) async fn turn(&self, spec: &FieldSpec) -> Option<Turn> {
        let place = {
            let mut state = self.state();
            state.read_headers(&self.shared);
            Place::of_holders(&state.held_secret()?, spec.key)
        };
        Some(self.shared.turns.wait(place).await)
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

    pub(super) async fn commit_in_trip(&self) -> Result<()> {
        // First, for it takes what it finds stored out of the buffer.
        self.settle_if_begun().await?;
        let changes = self.state().pending().changes();
        match changes {
            Some(changes) => self.store(&changes).await,
            None => Ok(()),
        }
    }
}

/// What `update` does to a field's bytes.
pub(crate) trait Change: FnMut(Option<&Arc<[u8]>>) -> Result<Option<Encoded>> {}

impl<F: FnMut(Option<&Arc<[u8]>>) -> Result<Option<Encoded>>> Change for F {}
