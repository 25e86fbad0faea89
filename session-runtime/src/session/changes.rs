//! What a handle wants written: the buffer of a request, and the single change of `update` and `take`.

use std::sync::Arc;
use std::time::Duration;

use smallvec::SmallVec;

use crate::manager::Shared;
use crate::record::{Basis, ChangeSet, Epoch, Expect, Expiry, IndexChange, Revision, Rotate, RotateKind, SetField};
use crate::schema::{Encoded, FieldSpec};
use crate::token::{Secret, SecretHash, Token};

/// How long a superseded token is told apart from an unknown one.
const SUPERSEDED_FOR: Duration = Duration::from_secs(60);

/// How long a removal that may be asked twice is remembered.
const TOMBSTONE_FOR: Duration = Duration::from_secs(60);

/// One field's new value, or its removal.
#[derive(Clone, Debug)]
pub(crate) struct Write {
    pub(crate) spec: FieldSpec,
    /// `None` removes the field.
    pub(crate) value: Option<Arc<[u8]>>,
    /// What the session is to be found by, where the field is an index and is set.
    pub(crate) index_text: Option<String>,
    pub(crate) expiry: Expiry,
    /// Names this write: it goes with it however often the commit is asked.
    pub(crate) revision: Revision,
}

impl Write {
    /// A value that replaces whatever there is, and starts the field's TTL anew.
    pub(crate) fn set(spec: &FieldSpec, value: Encoded) -> Self {
        let expiry = spec.ttl.map_or(Expiry::Never, Expiry::After);
        let Encoded { bytes, index_text } = value;
        Self { spec: *spec, value: Some(bytes), index_text, expiry, revision: Revision::random() }
    }

    pub(crate) fn remove(spec: &FieldSpec) -> Self {
        Self { spec: *spec, value: None, index_text: None, expiry: Expiry::Never, revision: Revision::random() }
    }

    /// What `update` leaves: a value keeps the expiry that the one before had, a new one gets the field's.
    pub(crate) fn updated(spec: &FieldSpec, value: Option<Encoded>, kept: Option<Expiry>) -> Self {
        match value {
            Some(value) => {
                let set = Self::set(spec, value);
                Self { expiry: kept.unwrap_or(set.expiry), ..set }
            }
            None => Self::remove(spec),
        }
    }
}

/// A new secret, chosen when it was asked for: it stays the same however often the commit is asked.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    pub(crate) secret: Secret,
    kind: RotateKind,
    /// By `regenerate`, not by a write that it goes with.
    is_asked_for: bool,
    /// A commit that is under way has it: whatever comes now takes another.
    is_under_way: bool,
}

impl Rotation {
    pub(crate) fn supersede() -> Self {
        Self::new(RotateKind::Supersede(Epoch::random(), SUPERSEDED_FOR))
    }

    /// The epoch that begins with the new secret, if one does.
    pub(crate) fn epoch(&self) -> Option<Epoch> {
        match self.kind {
            RotateKind::Supersede(epoch, _) => Some(epoch),
            RotateKind::Renew(_) => None,
        }
    }

    /// For a session whose present secret was seen to have this hash.
    pub(crate) fn renew(seen: SecretHash) -> Self {
        Self::new(RotateKind::Renew(seen))
    }

    fn new(kind: RotateKind) -> Self {
        Self { secret: Secret::random(), kind, is_asked_for: false, is_under_way: false }
    }

    pub(crate) fn is_renewal(&self) -> bool {
        matches!(self.kind, RotateKind::Renew(_))
    }
}

/// What the fields of a compare-and-swap were seen to be: nearly always one.
pub(crate) type Expected = SmallVec<[Expect; 1]>;

/// Changes that are applied together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    /// At most one per field.
    writes: SmallVec<[Write; 1]>,
    /// What the field of a compare-and-swap was seen to be.
    expect: Expected,
    rotation: Option<Rotation>,
    remember: Option<Duration>,
    /// The buffered write whose place these changes take.
    replaces: Option<Revision>,
}

impl Changes {
    /// A single write.
    pub(crate) fn of(write: Write) -> Self {
        Self::swap(Some(write), Expected::new(), None)
    }

    /// A single write or none, to happen only if these fields are as expected, and in place of this buffered write.
    pub(crate) fn swap(write: Option<Write>, expect: Expected, replaces: Option<Revision>) -> Self {
        let rotation = write.as_ref().filter(|write| write.spec.rotate).map(|_| Rotation::supersede());
        Self { writes: write.into_iter().collect(), expect, rotation, remember: None, replaces }
    }

    /// Renews the secret that was seen to have this hash, unless there will be a new one anyway.
    pub(crate) fn renew(&mut self, seen: SecretHash) {
        self.rotation.get_or_insert_with(|| Rotation::renew(seen));
    }

    /// Puts the write in place of an earlier one to the same field. Writing a `rotate` field rotates.
    pub(crate) fn write(&mut self, write: Write) {
        if write.spec.rotate {
            self.supersede();
        }
        self.forget(&write.spec);
        self.writes.push(write);
    }

    /// Takes back what was to be written to the field.
    pub(crate) fn forget(&mut self, spec: &FieldSpec) {
        self.writes.retain(|write| write.spec.key != spec.key);
    }

    /// `regenerate()`.
    pub(crate) fn rotate(&mut self) {
        self.supersede().is_asked_for = true;
    }

    /// Has the secret replaced. Neither by a renewal, whose predecessor would live on, nor by what a commit does that was begun
    /// before.
    fn supersede(&mut self) -> &mut Rotation {
        let before = self.rotation.take();
        let is_asked_for = before.as_ref().is_some_and(|before| before.is_asked_for);
        let kept = before.filter(|before| !before.is_renewal() && !before.is_under_way);
        self.rotation.insert(kept.unwrap_or_else(|| Rotation { is_asked_for, ..Rotation::supersede() }))
    }

    /// A commit of these changes was begun: what is changed from now on is a copy.
    pub(crate) fn mark_begun(&mut self) {
        if let Some(rotation) = &mut self.rotation {
            rotation.is_under_way = true;
        }
    }

    pub(crate) fn remember(&mut self, life: Duration) {
        self.remember = Some(life);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.writes.is_empty() && self.expect.is_empty() && self.rotation.is_none() && self.remember.is_none()
    }

    pub(crate) fn write_to(&self, spec: &FieldSpec) -> Option<&Write> {
        self.writes.iter().find(|write| write.spec.key == spec.key)
    }

    pub(crate) fn writes(&self) -> &[Write] {
        &self.writes
    }

    pub(crate) fn rotation(&self) -> Option<&Rotation> {
        self.rotation.as_ref()
    }

    /// Whether these changes set any field: only then may they create a session.
    pub(crate) fn set_a_field(&self) -> bool {
        self.writes.iter().any(|write| write.value.is_some())
    }

    /// The field that a compare-and-swap is about, which was seen in a session.
    pub(crate) fn swapped(&self) -> Option<&'static str> {
        self.expect.first().map(|expect| expect.key)
    }

    /// What a compare-and-swap has expected.
    pub(crate) fn expected(&self) -> &[Expect] {
        &self.expect
    }

    /// Whether these changes sign somebody in: they set a `rotate` field.
    pub(crate) fn authenticate(&self) -> bool {
        self.writes.iter().any(|write| write.spec.rotate && write.value.is_some())
    }

    /// Whether the visitor must be sent a cookie for these changes to a session that exists.
    pub(crate) fn need_a_cookie(&self) -> bool {
        self.rotation.is_some() || self.remember.is_some()
    }

    /// Takes back in what was taken out of the store again, where nothing came after it.
    pub(crate) fn put_back(&mut self, changes: &Changes) {
        for write in
            changes.writes.iter().filter(|write| self.write_to(&write.spec).is_none()).cloned().collect::<Vec<_>>()
        {
            self.writes.push(write);
        }
        if self.rotation.is_none() {
            self.rotation.clone_from(&changes.rotation);
            self.mark_begun();
        }
    }

    /// Takes out what was stored (or given up) meanwhile, and leaves what came after it.
    pub(crate) fn subtract(&mut self, done: &Changes) {
        let goes_with_a_write =
            self.writes_rotate() && self.rotation.as_ref().is_some_and(|rotation| !rotation.is_asked_for);
        let done_with = done.writes.iter().map(|write| write.revision).chain(done.replaces);
        for revision in done_with {
            self.writes.retain(|write| write.revision != revision);
        }
        if self.has_rotation_of(done) || goes_with_a_write && !self.writes_rotate() {
            self.rotation = None;
        }
        // Whatever was done with the secret that it was to go with: such a write goes with one.
        if self.rotation.is_none() && self.writes_rotate() {
            self.supersede();
        }
        if self.remember == done.remember {
            self.remember = None;
        }
    }

    fn writes_rotate(&self) -> bool {
        self.writes.iter().any(|write| write.spec.rotate)
    }

    /// Whether both have the same new secret, or none.
    pub(crate) fn has_rotation_of(&self, other: &Changes) -> bool {
        let [own, others] = [self, other].map(|changes| changes.rotation.as_ref().map(|rotation| rotation.secret));
        own == others
    }

    /// Enters these changes into a change set for a session whose visitor holds the secret with the hash `held`; `None` for a
    /// session that is only being created, and has a new secret anyway.
    pub(crate) fn enter(&self, set: &mut ChangeSet, held: Option<SecretHash>, token: &Token, shared: &Shared) {
        set.set.reserve_exact(self.writes.len());
        for write in &self.writes {
            enter_write(write, set, token, shared);
        }
        set.expect = self.expect.to_vec();
        set.remember = self.remember;
        set.authenticated = self.authenticate();
        set.absolute = set.authenticated.then_some(shared.lifetimes.absolute);
        if let (Some(rotation), Some(from)) = (&self.rotation, held) {
            set.rotate = Some(Rotate { from, to: rotation.secret.hash(), kind: rotation.kind });
        }
    }
}

fn enter_write(write: &Write, set: &mut ChangeSet, token: &Token, shared: &Shared) {
    let Write { spec, value, index_text, expiry, revision } = write;
    set.remove.extend(spec.aliases);
    if spec.index {
        let value = index_text.as_ref().and_then(|text| shared.index_texts(spec.key, text).into_iter().next());
        set.index.push(IndexChange { index: spec.key, value });
        // What an earlier release has entered under another key. A session that only begins has nothing.
        if matches!(set.basis, Basis::Guard(_)) {
            set.index.extend(spec.aliases.iter().map(|index| IndexChange { index, value: None }));
        }
    }
    // A removal leaves a tombstone: asked again, it must know its own doing from another's.
    let expiry = if value.is_some() { *expiry } else { Expiry::After(TOMBSTONE_FOR) };
    let value = value.clone().map(|value| shared.seal(token, spec.key, *revision, value));
    set.set.push(SetField { key: spec.key, value, revision: *revision, expiry });
}
