//! Who the visitor is, as far as this handle knows, and what follows from that: the whole state of a handle, without I/O.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use smallvec::smallvec;

use super::changes::{Changes, Rotation, Write};
use super::identify::{self, Judgement, Records, Sessions, Verdict};
use super::identity::{Carried, Commit, Ended, Identity, Phase, Stored};
use super::view::{Base, Look, View};
use crate::error::SessionError;
use crate::event::{RejectReason, SessionEvent};
use crate::manager::Shared;
use crate::record::{Ending, Entry, Epoch, Expiry, Guard, Meta, Outcome, Select, touch_is_due};
use crate::schema::FieldSpec;
use crate::token::{HashedToken, SecretHash, SessionId, Token};

/// The state of a handle, shared by all its clones.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    identity: Identity,
    view: View,
    /// The buffer.
    pending: Changes,
    /// A commit that was begun and whose outcome is not known: it is asked again before anything else is stored.
    unsettled: Option<Arc<Commit>>,
    /// The store's time, and when it told it.
    time: Option<(SystemTime, Instant)>,
    /// Made by `start()`.
    started: bool,
    /// The visitor sent something under our name.
    carried: bool,
    /// `destroy()` was called: the visitor's cookie goes, unless a new one takes its place.
    destroyed: bool,
    /// The answer may depend on the session.
    read: bool,
    /// What is still to be told to whoever listens.
    events: Vec<SessionEvent>,
}

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

/// The next step in storing changes.
pub(crate) enum CommitStep {
    /// An earlier commit was begun whose outcome is not known: ask the store for it again.
    Settle,
    /// There is nothing to change.
    Nothing,
    /// Several tokens were presented: find out which one counts.
    Resolve,
    /// Ask the store.
    Commit(Arc<Commit>),
}

/// The next step in destroying the session.
pub(crate) enum DestroyStep {
    /// There is nothing in the store to destroy.
    Nothing,
    /// Several tokens were presented: find out which one counts.
    Resolve,
    /// Ask the store.
    Destroy(SessionId, Guard),
}

/// What the response must say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Announcement {
    Nothing,
    Token { token: Token, max_age: Option<Duration> },
    Removal,
}

/// What a response needs of its session.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) announcement: Announcement,
    /// The response may depend on the session.
    pub(crate) was_read: bool,
}

impl State {
    /// For a request with these values of the carrying header.
    pub(crate) fn of_request(carried: Carried) -> Self {
        Self::new(Phase::Request, Identity::Unread(carried))
    }

    /// For `start()`.
    pub(crate) fn started() -> Self {
        Self { started: true, ..Self::new(Phase::Direct, Identity::Visitor) }
    }

    /// For `open()`.
    pub(crate) fn opened(token: Token) -> Self {
        Self::new(Phase::Direct, Identity::Presented(smallvec![token.into()]))
    }

    fn new(phase: Phase, identity: Identity) -> Self {
        Self {
            phase,
            identity,
            view: View::default(),
            pending: Changes::default(),
            unsettled: None,
            time: None,
            started: false,
            carried: false,
            destroyed: false,
            read: false,
            events: Vec::new(),
        }
    }

    // What a handle tells.

    /// The session's name, and the epoch that it has once what is in the buffer is stored.
    pub(crate) fn holder(&self) -> Option<(SessionId, Epoch)> {
        match &self.identity {
            Identity::Fresh(token) => Some((token.id(), Epoch::first(&token.hash()))),
            Identity::Stored(stored) => {
                let coming = self.pending.rotation().and_then(Rotation::epoch);
                Some((stored.token.id(), coming.unwrap_or(stored.meta.epoch)))
            }
            _ => None,
        }
    }

    pub(crate) fn id(&self) -> Option<SessionId> {
        self.token().map(|token| token.id())
    }

    pub(crate) fn is_new(&self) -> bool {
        match &self.identity {
            Identity::Fresh(_) => true,
            Identity::Stored(stored) => stored.created,
            _ => self.started,
        }
    }

    /// The token that opens the session, after what is in the buffer.
    pub(crate) fn token(&self) -> Option<Token> {
        match (&self.identity, self.pending.rotation()) {
            (Identity::Fresh(token), _) => Some(**token),
            (Identity::Stored(stored), None) => Some(stored.token),
            (Identity::Stored(stored), Some(rotation)) => Some(stored.token.with_secret(rotation.secret)),
            _ => None,
        }
    }

    pub(crate) fn meta(&self) -> Option<&Meta> {
        match &self.identity {
            Identity::Stored(stored) => Some(&stored.meta),
            _ => None,
        }
    }

    /// The store's time, as far as it is known here.
    pub(crate) fn now(&self, shared: &Shared) -> SystemTime {
        match (shared.clock.for_store(), self.time) {
            (None, Some((time, told))) => time + told.elapsed(),
            (now, _) => now.unwrap_or_else(SystemTime::now),
        }
    }

    /// The store's time when it last answered.
    fn time_of_use(&self, shared: &Shared) -> SystemTime {
        let told = self.time.map(|(time, _)| time);
        shared.clock.for_store().or(told).unwrap_or_else(SystemTime::now)
    }

    pub(crate) fn note_read(&mut self) {
        self.read = true;
    }

    /// What is known of the field: the handle's own write first.
    pub(crate) fn look(&self, spec: &FieldSpec, shared: &Shared) -> Look {
        match (self.pending.write_to(spec), &self.identity) {
            (Some(write), _) => write.value.clone().map_or(Look::Absent, Look::Value),
            (None, Identity::Unread(_) | Identity::Presented(_)) => Look::Unknown,
            (None, Identity::Stored(_)) => self.view.look(spec, &shared.layout, || self.now(shared)),
            (None, _) => Look::Absent,
        }
    }

    /// The value, as far as it is known; for a field that was asked for.
    pub(crate) fn value(&self, spec: &FieldSpec, shared: &Shared) -> Option<Arc<[u8]>> {
        match self.look(spec, shared) {
            Look::Value(value) => Some(value),
            Look::Unknown | Look::Absent | Look::Exists => None,
        }
    }

    // Loading.

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
        mut records: Records,
        shared: &Shared,
    ) -> Result<(), SessionError> {
        if let Some(record) = records.iter().flatten().next() {
            self.time = Some((record.now, Instant::now()));
        }
        let stored = match &mut self.identity {
            Identity::Stored(stored) => stored,
            Identity::Presented(_) => {
                self.identify(plan, records, shared);
                return Ok(());
            }
            _ => return Ok(()),
        };
        match records.pop().flatten() {
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
    fn identify(&mut self, plan: &LoadPlan<'_>, records: Records, shared: &Shared) {
        let Identity::Presented(tokens) = &self.identity else { return };
        let Judgement { verdict, reused } = identify::judge(tokens, &plan.sessions, records);
        self.events.extend(reused.map(|session| SessionEvent::ReuseDetected { session }));
        self.identity = match verdict {
            Verdict::Opens(token, record) => {
                let fields = opened(shared, *token, &plan.select, record.fields);
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

    // Changing.

    /// Begins the session that the buffer will begin, where there is none: then its name and secret are known.
    pub(crate) fn begin(&mut self, shared: &Shared) {
        let begins = match self.identity {
            Identity::Visitor => self.pending.set_a_field(),
            Identity::Ended(Ended::Superseded) => self.pending.authenticate(),
            _ => false,
        };
        if begins {
            self.identity = Identity::Fresh(shared.new_token().into());
        }
    }

    /// Collects a write for the next commit; gives it back if it must be stored at once instead.
    pub(crate) fn collect(&mut self, write: Write, shared: &Shared) -> Option<Write> {
        if !self.phase.collects() {
            return Some(write);
        }
        self.read_headers(shared);
        if write.value.is_some() && matches!(self.identity, Identity::Visitor) {
            self.identity = Identity::Fresh(shared.new_token().into());
        }
        self.pending.write(write);
        None
    }

    /// Whether setting the field to this changes nothing: these very bytes were loaded and nothing else would move.
    pub(crate) fn is_no_change(&self, write: &Write, shared: &Shared) -> bool {
        let moves_more = write.spec.rotate || write.expiry != Expiry::Never;
        let stored = matches!(self.identity, Identity::Stored(_));
        let same = |value| self.view.holds(&write.spec, value, &shared.layout);
        stored && self.phase.collects() && !moves_more && write.value.as_ref().is_some_and(same)
    }

    /// Has these changes in the buffer until they are stored, where there is a buffer.
    pub(crate) fn keep(&mut self, changes: &Changes) {
        if self.phase.collects() {
            self.pending.put_back(changes);
        }
    }

    pub(crate) fn pending(&self) -> &Changes {
        &self.pending
    }

    pub(crate) fn pending_mut(&mut self) -> &mut Changes {
        &mut self.pending
    }

    /// `regenerate()`: a session that is not stored yet gets its new secret here.
    pub(crate) fn regenerate(&mut self, shared: &Shared) {
        self.read_headers(shared);
        match &mut self.identity {
            Identity::Fresh(token) if self.unsettled.is_none() => *token = token.with_new_secret().into(),
            _ => self.pending.rotate(),
        }
    }

    /// Whether the session is in the store, as far as is known.
    pub(crate) fn is_stored(&self) -> bool {
        matches!(self.identity, Identity::Presented(_) | Identity::Stored(_))
    }

    /// Fails if changes to this field can't reach any session.
    pub(crate) fn check_alive(&self, spec: &FieldSpec) -> Result<(), SessionError> {
        match self.identity {
            Identity::Ended(Ended::Superseded) if spec.rotate => Ok(()),
            Identity::Ended(_) => Err(SessionError::Gone),
            _ => Ok(()),
        }
    }

    /// Whose updates wait for each other: those of whoever holds the same secret. The ID alone would let strangers queue.
    pub(crate) fn queue(&self) -> Option<SecretHash> {
        match &self.identity {
            Identity::Presented(tokens) => tokens.first().map(HashedToken::hash),
            Identity::Stored(stored) => Some(stored.held),
            _ => None,
        }
    }

    /// Where `update` and `take` start: from the buffered value if there is one.
    pub(crate) fn base(&self, spec: &FieldSpec, shared: &Shared) -> Base {
        match self.pending.write_to(spec) {
            Some(write) => Base {
                value: write.value.clone(),
                expiry: write.value.is_some().then_some(write.expiry),
                expect: Vec::new(),
            },
            None if self.is_stored() => self.view.base(spec, &shared.layout, || self.now(shared)),
            None => Base { value: None, expiry: None, expect: Vec::new() },
        }
    }

    /// The next step in storing `changes`, which it takes once they can be stored.
    pub(crate) fn commit_step(&mut self, changes: &mut Changes, shared: &Shared) -> Result<CommitStep, SessionError> {
        if self.unsettled.is_some() {
            return Ok(CommitStep::Settle);
        }
        self.read_headers(shared);
        let step = self.commit_read(changes, shared);
        if matches!(step, Ok(CommitStep::Nothing) | Err(SessionError::ResponseSent)) {
            // What was meant for a session that is not there can't be stored later either.
            self.pending.subtract(changes);
        }
        step
    }

    fn commit_read(&mut self, changes: &mut Changes, shared: &Shared) -> Result<CommitStep, SessionError> {
        let no_token_can_be_sent = self.phase == Phase::Sent;
        if let Identity::Ended(ended) = self.identity {
            if ended == Ended::Gone || !changes.authenticate() {
                return Err(SessionError::Gone);
            }
            self.identity = Identity::Visitor;
        }
        if matches!(self.identity, Identity::Visitor) && changes.set_a_field() && !no_token_can_be_sent {
            self.identity = Identity::Fresh(shared.new_token().into());
        }
        match &self.identity {
            Identity::Visitor | Identity::Fresh(_) if !changes.set_a_field() => Ok(CommitStep::Nothing),
            Identity::Visitor | Identity::Fresh(_) if no_token_can_be_sent => Err(SessionError::ResponseSent),
            Identity::Presented(_) | Identity::Stored(_) if no_token_can_be_sent && changes.need_a_cookie() => {
                Err(SessionError::ResponseSent)
            }
            Identity::Presented(tokens) if tokens.len() > 1 => Ok(CommitStep::Resolve),
            identity => {
                let Some(commit) = Commit::of(identity, changes, self.phase, shared) else {
                    return Ok(CommitStep::Nothing);
                };
                self.unsettled = Some(Arc::clone(&commit));
                Ok(CommitStep::Commit(commit))
            }
        }
    }

    /// The commit that was begun and must be asked again.
    pub(crate) fn unsettled(&self) -> Option<Arc<Commit>> {
        self.unsettled.clone()
    }

    /// The commit was certainly not applied.
    pub(crate) fn refused(&mut self) {
        self.unsettled = None;
    }

    /// Takes in how a commit ended. `false`: the identity is another one now, ask for the next step.
    pub(crate) fn committed(
        &mut self,
        commit: &Commit,
        outcome: Outcome,
        shared: &Shared,
    ) -> Result<bool, SessionError> {
        let changes = &commit.changes;
        self.unsettled = None;
        if !self.identity.is_of(commit.id) {
            // Of a session that this handle has left behind.
            return Ok(false);
        }
        match (outcome, &self.identity) {
            (Outcome::Applied { meta, now }, _) => {
                self.applied(changes, meta, now, shared);
                Ok(true)
            }
            (Outcome::Conflict(mut current), _) => {
                let expect = &commit.set.expect;
                shared.open(commit.id, Some(&commit.token), expect.iter().map(|expect| expect.key).zip(&mut current));
                self.view.correct(expect, current, &shared.layout);
                let field = expect.first().map_or("", |expect| expect.key);
                Err(SessionError::Conflict { field })
            }
            // The token opens nothing, and nothing was seen of its session: the visitor begins anew.
            (Outcome::Gone, Identity::Presented(_)) => {
                self.reject(commit.id, RejectReason::Unknown);
                Ok(false)
            }
            (Outcome::Reused, Identity::Presented(_)) => {
                self.events.push(SessionEvent::ReuseDetected { session: commit.id });
                self.identity = Identity::Visitor;
                Ok(false)
            }
            (Outcome::Gone | Outcome::Reused, _) => {
                self.end(Ended::Gone);
                Ok(false)
            }
            (Outcome::Superseded, _) => {
                self.superseded(commit.id);
                Ok(false)
            }
        }
    }

    /// The token opens nothing, and this is the first that is known of its session.
    fn reject(&mut self, session: SessionId, reason: RejectReason) {
        self.events.push(SessionEvent::Rejected { session: Some(session), reason });
        self.identity = Identity::Visitor;
    }

    fn applied(&mut self, changes: &Changes, meta: Box<Meta>, now: SystemTime, shared: &Shared) {
        self.time = Some((now, Instant::now()));
        for write in changes.writes() {
            self.view.wrote(write, &shared.layout, now);
        }
        self.pending.subtract(changes);
        let (stored, created) = match std::mem::replace(&mut self.identity, Identity::Visitor) {
            Identity::Fresh(token) => (Stored::new(token, meta, true), true),
            Identity::Presented(tokens) if !tokens.is_empty() => (Stored::new(tokens[0], meta, false), false),
            Identity::Stored(stored) => (Stored { meta, ..stored }, false),
            // Only these three are asked about.
            other => {
                self.identity = other;
                return;
            }
        };
        // Of two renewals at once one is done: the other has no token to send.
        let is_renewed_elsewhere = changes.rotation().is_some_and(|rotation| !stored.has_secret(rotation));
        let session = stored.token.id();
        self.events.extend(match changes.rotation() {
            _ if created => Some(SessionEvent::Created { session }),
            Some(_) if is_renewed_elsewhere => None,
            Some(rotation) if rotation.is_renewal() => Some(SessionEvent::Renewed { session }),
            Some(_) => Some(SessionEvent::Rotated { session }),
            None => None,
        });
        let announce = stored.announce || changes.need_a_cookie() && !is_renewed_elsewhere;
        let (stored, announce) = match created {
            true => (stored, true),
            false => (stored.rotated(changes, self.phase), announce),
        };
        self.identity = Identity::Stored(Stored { announce, ..stored });
    }

    fn end(&mut self, ended: Ended) {
        self.identity = Identity::Ended(ended);
        self.view = View::default();
    }

    /// The present secret, if it is time to renew it: decided on requests that load.
    fn secret_to_renew(&self, shared: &Shared) -> Option<SecretHash> {
        let Identity::Stored(stored) = &self.identity else { return None };
        let most = shared.lifetimes.renew_after?;
        let age = self.time_of_use(shared).duration_since(stored.meta.secret_since).unwrap_or_default();
        let may_renew = self.phase == Phase::Request && self.view.is_loaded() && stored.may_renew();
        (age >= most && may_renew).then_some(stored.meta.secret_hash)
    }

    /// Lets a renewal that is due go along with what is in the buffer.
    pub(crate) fn join_renewal(&mut self, shared: &Shared) {
        let due = self.secret_to_renew(shared).filter(|_| !self.pending.is_empty());
        due.into_iter().for_each(|seen| self.pending.renew(seen));
    }

    /// What must be written though nobody changed anything: a touch, a renewal, the end of a renewed secret.
    pub(crate) fn upkeep(&self, shared: &Shared) -> Option<Changes> {
        let Identity::Stored(stored) = &self.identity else { return None };
        let mut changes = Changes::default();
        if let Some(seen) = self.secret_to_renew(shared) {
            changes.renew(seen);
            return Some(changes);
        }
        let idle = shared.lifetimes.idle;
        let touch = touch_is_due(stored.meta.idle_deadline, idle, self.time_of_use(shared));
        let is_due = touch && stored.is_confirmed(self.phase) || stored.retires_previous();
        is_due.then_some(changes)
    }

    /// The next step in destroying the session.
    pub(crate) fn destroy_step(&mut self, shared: &Shared) -> Result<DestroyStep, SessionError> {
        self.read_headers(shared);
        match &self.identity {
            Identity::Ended(Ended::Superseded) => Err(SessionError::Gone),
            Identity::Presented(tokens) => match tokens.as_slice() {
                [token] => Ok(DestroyStep::Destroy(token.id(), Guard::Secret(token.hash()))),
                _ => Ok(DestroyStep::Resolve),
            },
            Identity::Stored(stored) => Ok(DestroyStep::Destroy(stored.token.id(), Guard::Epoch(stored.meta.epoch))),
            _ => Ok(DestroyStep::Nothing),
        }
    }

    /// Takes in how a destruction ended.
    pub(crate) fn ended(&mut self, session: SessionId, ending: Ending) -> Result<(), SessionError> {
        match (ending, &self.identity) {
            (Ending::Superseded, _) => {
                self.superseded(session);
                return Err(SessionError::Gone);
            }
            (Ending::Destroyed, _) => self.events.push(SessionEvent::SignedOut { session }),
            (Ending::Gone, Identity::Presented(_)) => self.reject(session, RejectReason::Unknown),
            (Ending::Gone, _) => {}
        }
        self.destroyed();
        Ok(())
    }

    /// There is no session any more: the handle is that of a visitor without a cookie.
    pub(crate) fn destroyed(&mut self) {
        self.identity = Identity::Visitor;
        self.view = View::default();
        self.pending = Changes::default();
        self.started = false;
        self.destroyed = true;
    }

    /// The session's token was replaced a moment ago.
    fn superseded(&mut self, session: SessionId) {
        if matches!(self.identity, Identity::Presented(_)) {
            self.reject(session, RejectReason::Superseded);
        }
        self.end(Ended::Superseded);
    }

    /// What happened since this was last asked.
    pub(crate) fn take_events(&mut self) -> Vec<SessionEvent> {
        std::mem::take(&mut self.events)
    }

    /// What the response needs. After this, tokens can't be sent.
    pub(crate) fn finish(&mut self, shared: &Shared) -> Finished {
        self.phase = Phase::Sent;
        Finished { announcement: self.announce(shared), was_read: self.read }
    }

    fn announce(&self, shared: &Shared) -> Announcement {
        match &self.identity {
            Identity::Stored(stored) if stored.announce => {
                let left = stored.meta.absolute_deadline.duration_since(self.now(shared)).unwrap_or_default();
                let persists = stored.meta.persistent || shared.carrier.is_persistent();
                Announcement::Token { token: stored.token, max_age: persists.then_some(left) }
            }
            Identity::Visitor | Identity::Fresh(_) if self.destroyed && self.carried => Announcement::Removal,
            _ => Announcement::Nothing,
        }
    }

    /// Whether the handle was used for nothing at all.
    pub(crate) fn is_untouched(&self) -> bool {
        matches!(self.identity, Identity::Unread(_)) && !self.read && self.pending.is_empty()
    }

    /// Whether nothing is left to be stored or told.
    pub(crate) fn is_settled(&self, shared: &Shared) -> bool {
        let nothing_begun = self.pending.is_empty() && self.unsettled.is_none() && self.events.is_empty();
        nothing_begun && self.upkeep(shared).is_none()
    }

    /// Empties the buffer and says what was in it.
    pub(crate) fn discard(&mut self) -> Option<Changes> {
        (!self.pending.is_empty()).then(|| std::mem::take(&mut self.pending))
    }
}

/// The loaded fields, with their values readable.
fn opened(shared: &Shared, token: Token, select: &[Select], mut fields: Vec<Option<Entry>>) -> Vec<Option<Entry>> {
    shared.open(token.id(), Some(&token), select.iter().map(|asked| asked.key).zip(&mut fields));
    fields
}
