//! Reading: what is known already, and one trip for what is not.

use std::slice;
use std::sync::Arc;

use super::Core;
use crate::error::Result;
use crate::record::Meta;
use crate::schema::FieldSpec;
use crate::session::identify::Records;
use crate::session::state::{LoadStep, State, Wanted};
use crate::session::view::Look;

impl Core {
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

    pub(super) fn note_read(&self) {
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
    pub(super) async fn load(&self, wanted: Wanted<'_>) -> Result<()> {
        if self.state().load_plan(wanted, &self.shared).is_some() {
            let _trip = self.trip().await;
            self.load_in_trip(wanted, |_, _| ()).await?;
        }
        Ok(())
    }

    /// The same for whoever holds the trip; then looks at what is known, and is told whether the store was asked.
    pub(in crate::session) async fn load_in_trip<R>(
        &self,
        wanted: Wanted<'_>,
        look: impl FnOnce(&State, bool) -> R,
    ) -> Result<R> {
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
}
