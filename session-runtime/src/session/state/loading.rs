//! Finding out who the visitor is and what the session holds.

use std::borrow::Cow;

use smallvec::smallvec;

use super::{State, StoreTime};
use crate::error::SessionError;
use crate::event::{RejectReason, SessionEvent};
use crate::manager::Shared;
use crate::record::{Entry, Record, Select};
use crate::schema::FieldSpec;
use crate::session::identify::{self, Judgement, Sessions, Verdict};
use crate::session::identity::{Ended, Identity, Stored};
use crate::token::Token;

/// What somebody waits to know.
#[derive(Clone, Copy)]
pub(crate) enum Wanted<'a> {
    /// Who the visitor is.
    Identity,
    /// Which fields there are.
    Keys,
    /// The values of these fields.
    Values(&'a [FieldSpec]),
}

impl<'a> Wanted<'a> {
    fn values(self) -> &'a [FieldSpec] {
        match self {
            Self::Identity | Self::Keys => &[],
            Self::Values(specs) => specs,
        }
    }
}

/// What to ask the store for, and about whom.
pub(crate) struct LoadPlan<'l> {
    pub(crate) sessions: Sessions,
    pub(crate) select: Cow<'l, [Select]>,
}

/// The next step in finding out what is wanted.
pub(crate) enum LoadStep<'l> {
    /// It is known.
    Nothing,
    /// A commit was begun whose outcome is not known: ask the store for it again.
    Settle,
    /// Ask the store.
    Load(LoadPlan<'l>),
}

impl State {
    /// Looks at the request's headers, if that was not done.
    pub(crate) fn read_headers(&mut self, shared: &Shared) {
        if let Identity::Unread(values) = &self.identity {
            let mut presented = shared.carrier.presented(values);
            presented.tokens.retain(|token| shared.is_well_formed(token));
            self.carried = presented.any;
            if !presented.tokens.is_empty() {
                self.identity = Identity::Presented(presented.tokens);
                return;
            }
            self.identity = Identity::Visitor;
            if presented.any {
                self.events.push(SessionEvent::Rejected { session: None, reason: RejectReason::Malformed });
            }
        }
    }

    /// The next step before `wanted` is known.
    pub(crate) fn load_step<'l>(&mut self, wanted: Wanted<'_>, shared: &'l Shared) -> LoadStep<'l> {
        if self.unsettled.is_some() {
            return LoadStep::Settle;
        }
        self.load_plan(wanted, shared).map_or(LoadStep::Nothing, LoadStep::Load)
    }

    /// What must be loaded before `wanted` is known; `None` if it is.
    pub(crate) fn load_plan<'l>(&mut self, wanted: Wanted<'_>, shared: &'l Shared) -> Option<LoadPlan<'l>> {
        self.read_headers(shared);
        match &self.identity {
            Identity::Presented(tokens) => {
                let select = shared.layout.first_selection(wanted.values());
                Some(LoadPlan { sessions: identify::ids(tokens), select })
            }
            Identity::Stored(stored) => {
                let select = match wanted {
                    Wanted::Identity => Cow::Borrowed(&[][..]),
                    Wanted::Keys => self.view.missing_keys(&shared.layout),
                    Wanted::Values(specs) => {
                        let unwritten = specs.iter().filter(|spec| self.pending.write_to(spec).is_none());
                        let now = || self.now(shared);
                        self.view.missing_values(unwritten.copied(), &shared.layout, now)
                    }
                };
                (!select.is_empty()).then(|| LoadPlan { sessions: smallvec![stored.token.id()], select })
            }
            _ => None,
        }
    }

    /// Takes in what the store answered to a load plan.
    pub(crate) fn loaded(
        &mut self,
        plan: &LoadPlan<'_>,
        records: &mut [Option<Record>],
        shared: &Shared,
    ) -> Result<(), SessionError> {
        if let Some(record) = records.iter().flatten().next() {
            self.time = Some(StoreTime::of_answer(record.now, shared));
        }
        let stored = match &mut self.identity {
            Identity::Stored(stored) => stored,
            Identity::Presented(_) => {
                self.identify(plan, records, shared);
                return Ok(());
            }
            _ => return Ok(()),
        };
        match records.last_mut().and_then(Option::take) {
            Some(record) if record.meta.epoch != stored.meta.epoch => {
                self.end(Ended::Superseded);
                Ok(())
            }
            Some(record) => {
                stored.meta = record.meta;
                let fields = opened(shared, stored.token, &plan.select, record.fields);
                self.view.learn(&plan.select, fields, &shared.layout);
                Ok(())
            }
            None => {
                self.end(Ended::Gone);
                Err(SessionError::Gone)
            }
        }
    }

    /// Takes in which of the presented tokens counts.
    fn identify(&mut self, plan: &LoadPlan<'_>, records: &mut [Option<Record>], shared: &Shared) {
        let Identity::Presented(tokens) = &self.identity else { return };
        let Judgement { verdict, reused } = identify::judge(tokens, &plan.sessions, records);
        self.events.extend(reused.map(|session| SessionEvent::ReuseDetected { session }));
        self.identity = match verdict {
            Verdict::Opens { token, record } => {
                let token = &tokens[token];
                let Some(record) = records[record].take() else { return };
                let fields = opened(shared, **token, &plan.select, record.fields);
                self.view.learn(&plan.select, fields, &shared.layout);
                Identity::Stored(Stored::new(token, record.meta, false))
            }
            Verdict::Rejected(session, reason) => {
                self.events.push(SessionEvent::Rejected { session: Some(session), reason });
                match reason {
                    RejectReason::Superseded => Identity::Ended(Ended::Superseded),
                    _ => Identity::Visitor,
                }
            }
            Verdict::Nobody => Identity::Visitor,
        };
    }
}

/// The loaded fields, with their values readable.
fn opened(shared: &Shared, token: Token, select: &[Select], mut fields: Vec<Option<Entry>>) -> Vec<Option<Entry>> {
    shared.open(token.id(), Some(&token), select.iter().map(|asked| asked.key).zip(&mut fields));
    fields
}
