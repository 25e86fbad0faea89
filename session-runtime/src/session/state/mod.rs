//! Who the visitor is, as far as this handle knows, and what follows from that: the whole state of a handle, without I/O.

use std::sync::Arc;
use std::time::{Instant, SystemTime};

use smallvec::smallvec;

use super::buffer::Buffer;
use super::changes::{Changes, Expected, Rotation, Write};
use super::identity::{Carried, Commit, Ended, Identity, Phase};
use super::update::Handover;
use super::view::{Base, Look, View};
use crate::error::SessionError;
use crate::event::SessionEvent;
use crate::manager::Shared;
use crate::record::{Access, Epoch, Expiry, Meta};
use crate::schema::FieldSpec;
use crate::token::{SecretHash, SessionId, Token};

mod ending;
mod loading;
mod storing;

pub(crate) use ending::{Announcement, DestroyStep, Dropped, Finished};
pub(crate) use loading::{LoadStep, Wanted};
pub(crate) use storing::CommitStep;

/// The state of a handle, shared by all its clones.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) phase: Phase,
    identity: Identity,
    view: View,
    /// The buffer.
    pending: Buffer,
    /// A commit that was begun and whose outcome is not known: it is asked again before anything else is stored.
    unsettled: Option<Arc<Commit>>,
    /// The store's time when it last answered.
    time: Option<StoreTime>,
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

/// What a store said of the time.
#[derive(Clone, Copy, Debug)]
struct StoreTime {
    time: SystemTime,
    /// When it said so; `None` where its clock is the one that can be asked here too.
    told: Option<Instant>,
}

impl StoreTime {
    fn of_answer(time: SystemTime, shared: &Shared) -> Self {
        let is_ours = shared.clock.is_given() || shared.store.uses_process_clock();
        Self { time, told: (!is_ours).then(Instant::now) }
    }

    /// The time by a clock that can't be asked here.
    fn now(self) -> Option<SystemTime> {
        self.told.map(|told| self.time + told.elapsed())
    }
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
            pending: Buffer::default(),
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
        let coming = self.coming().and_then(Rotation::epoch);
        match &self.identity {
            Identity::Fresh(token) => Some((token.id(), coming.unwrap_or_else(|| Epoch::first(&token.hash())))),
            Identity::Stored(stored) => Some((stored.token.id(), coming.unwrap_or(stored.meta.epoch))),
            _ => None,
        }
    }

    /// The new secret that what is in the buffer brings. A session that only begins has a new one already, but for what came after
    /// its beginning was asked for.
    fn coming(&self) -> Option<&Rotation> {
        let changes = self.pending.look()?;
        match (&self.identity, &self.unsettled) {
            (Identity::Stored(_), _) => changes.rotation(),
            (Identity::Fresh(_), Some(begun)) if !changes.has_rotation_of(&begun.changes) => changes.rotation(),
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
        let token = match &self.identity {
            Identity::Fresh(token) => **token,
            Identity::Stored(stored) => stored.token,
            _ => return None,
        };
        Some(self.coming().map_or(token, |rotation| token.with_secret(rotation.secret)))
    }

    pub(crate) fn meta(&self) -> Option<&Meta> {
        match &self.identity {
            Identity::Stored(stored) => Some(&stored.meta),
            _ => None,
        }
    }

    /// The store's time, as far as it is known here.
    pub(crate) fn now(&self, shared: &Shared) -> SystemTime {
        shared.clock.for_store().or(self.time.and_then(StoreTime::now)).unwrap_or_else(SystemTime::now)
    }

    /// The store's time when it last answered.
    fn time_of_use(&self, shared: &Shared) -> SystemTime {
        let told = self.time.map(|answer| answer.time);
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
        self.look(spec, shared).value()
    }

    // Changing.

    /// Begins the session that the buffer will begin, where there is none: then its name and secret are known.
    pub(crate) fn begin(&mut self, shared: &Shared) {
        if self.pending.changes().is_some_and(|changes| self.identity.begins_by(&changes)) {
            self.identity = Identity::Fresh(shared.new_token().into());
        }
    }

    /// Collects a write for the next commit; gives it back if it must be stored at once instead.
    pub(crate) fn collect(&mut self, write: Write, shared: &Shared) -> Option<Write> {
        if !self.phase.collects() {
            return Some(write);
        }
        self.read_headers(shared);
        self.pending.change().write(write);
        // What signs in after the token was superseded begins one only when it is stored: it may be refused.
        if matches!(self.identity, Identity::Visitor) {
            self.begin(shared);
        }
        None
    }

    /// Whether setting the field to this changes nothing: these very bytes were loaded, nothing else would move, and no commit is
    /// under way that may have changed it.
    pub(crate) fn is_no_change(&self, write: &Write, shared: &Shared) -> bool {
        // To be entered in an index, or sealed, is why a value from before there was either is set again.
        let moves_more =
            write.spec.rotate || write.spec.index || write.expiry != Expiry::Never || shared.accepts_unsealed();
        let stored = matches!(self.identity, Identity::Stored(_));
        let same = |value| self.view.holds(&write.spec, value, &shared.layout);
        stored
            && self.unsettled.is_none()
            && self.phase.collects()
            && !moves_more
            && write.value.as_ref().is_some_and(same)
    }

    /// Has these changes in the buffer until they are stored, where there is a buffer.
    pub(crate) fn keep(&mut self, changes: &Changes) {
        if self.phase.collects() {
            self.pending.change().put_back(changes);
        }
    }

    pub(crate) fn pending(&self) -> &Buffer {
        &self.pending
    }

    pub(crate) fn pending_mut(&mut self) -> &mut Buffer {
        &mut self.pending
    }

    /// `regenerate()`: a session that is not stored yet gets its new secret here.
    pub(crate) fn regenerate(&mut self, shared: &Shared) {
        self.read_headers(shared);
        match &mut self.identity {
            Identity::Fresh(token) if self.unsettled.is_none() => *token = token.with_new_secret().into(),
            _ => self.pending.change().rotate(),
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
    pub(crate) fn held_secret(&self) -> Option<SecretHash> {
        self.identity.opener().map(|opener| opener.secret)
    }

    /// Where `update` and `take` start: from the buffered value if there is one.
    pub(crate) fn base(&self, spec: &FieldSpec, shared: &Shared) -> Base {
        match self.pending.write_to(spec) {
            Some(write) => Base {
                value: write.value.clone(),
                expiry: write.value.is_some().then_some(write.expiry),
                expect: Expected::new(),
            },
            None if self.is_stored() => self.view.base(spec, &shared.layout, || self.now(shared)),
            None => Base::default(),
        }
    }

    /// What another's update of the field may start from, once this handle's is done. Nothing where the visitor's secret opens
    /// the session no longer.
    pub(crate) fn handover(&self, spec: &FieldSpec, shared: &Shared) -> Option<Handover> {
        let Identity::Stored(stored) = &self.identity else { return None };
        let is_open = stored.meta.access(&stored.held, self.now(shared)) == Access::Open;
        if !is_open || self.pending.write_to(spec).is_some() {
            return None;
        }
        Some(Handover::new(self.identity.opener()?, spec, self.base(spec, shared)))
    }

    /// Whether an update of the field may start from that: it is of what this handle's one token opens, and nothing came after it.
    pub(crate) fn may_accept(&self, handover: &Handover, spec: &FieldSpec) -> bool {
        let is_one = !matches!(&self.identity, Identity::Presented(tokens) if tokens.len() > 1);
        let opener = self.identity.opener().filter(|_| is_one && self.pending.write_to(spec).is_none());
        opener.is_some_and(|opener| handover.is_of(&opener, spec))
    }
}
