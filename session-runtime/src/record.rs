//! What a store holds for one session, and what one commit may change about it.
//!
//! Times in a record are absolute and by the store's clock (or the manager's, where one was given). Changes speak in
//! durations, so that the store alone turns them into times and servers' clocks need not agree.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use crate::hidden::Hidden;
use crate::token::{self, SecretHash, SessionId};

/// Which write put a field there: 8 random bytes, chosen by the writer and never used again.
///
/// A compare-and-swap on it can't be fooled by a value that was changed and changed back, and a commit that is asked a
/// second time is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Revision([u8; 8]);

/// Which holder of a session this is: 8 random bytes that change when `regenerate` or a `rotate` field replaces the secret,
/// and stay when it is only renewed. With the session's ID it makes the CSRF token, so that its `Debug` text does not show it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Epoch([u8; 8]);

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Epoch(..)")
    }
}

macro_rules! random_mark {
    ($name:ident, $random:path) => {
        impl $name {
            /// A new one, unlike all others.
            pub fn random() -> Self {
                Self($random())
            }

            /// The one with these bytes, as a store has them.
            pub const fn from_bytes(bytes: [u8; 8]) -> Self {
                Self(bytes)
            }

            /// The 8 bytes, as a store keeps them.
            pub const fn as_bytes(&self) -> &[u8; 8] {
                &self.0
            }
        }
    };
}

/// How many overwritten writes to a field are remembered, so that one of them that is asked again is recognised.
pub const REMEMBERED_WRITES: usize = 16;

random_mark!(Revision, token::unique);
// Nobody may guess one: forms are known by it.
random_mark!(Epoch, token::random);

impl Epoch {
    /// The first epoch of a session that begins with this secret. It is as random as the secret, and known before the session
    /// is stored: a page that begins one can have forms with its CSRF token.
    pub(crate) fn first(secret: &SecretHash) -> Self {
        // No longer: with the hash it just fits into one block of SHA-256.
        let hash = Sha256::new_with_prefix(b"session-runtime: epoch\0").chain_update(secret.as_bytes()).finalize();
        Self(std::array::from_fn(|at| hash[at]))
    }
}

/// All of a record but its fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The hash of the secret that opens the session.
    pub secret_hash: SecretHash,
    /// When that secret was set.
    pub secret_since: SystemTime,
    /// The secret before it, if there was one.
    pub previous: Option<Previous>,
    /// Which holder of the session this is.
    pub epoch: Epoch,
    /// When the session was created.
    pub created: SystemTime,
    /// When the session ends unless it is used.
    pub idle_deadline: SystemTime,
    /// When the session ends however much it is used.
    pub absolute_deadline: SystemTime,
    /// When a `rotate` field was last set.
    pub authenticated: Option<SystemTime>,
    /// Whether the cookie outlives the browser's session (`remember`).
    pub persistent: bool,
}

/// The secret before the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Previous {
    /// Its hash.
    pub hash: SecretHash,
    /// What replaced it.
    pub kind: PreviousKind,
    /// Until when it is recognised; `None` as long as the successor of a renewed secret was not presented.
    pub until: Option<SystemTime>,
}

/// What replaced a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreviousKind {
    /// Periodic renewal: it goes on opening the session for a while.
    Renewed,
    /// `regenerate` or a `rotate` field: it opens nothing, but is told apart from an unknown one for a while.
    Superseded,
}

/// What a secret may do with a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// It opens the session.
    Open,
    /// It did until a moment ago.
    Superseded,
    /// It was renewed, the successor is in use, and its grace is over: somebody has a copy.
    Reused,
    /// It never did, or no longer.
    Unknown,
}

impl Meta {
    /// The earlier of both deadlines.
    pub fn expires(&self) -> SystemTime {
        self.idle_deadline.min(self.absolute_deadline)
    }

    /// Whether the session lives at `now`; one whose deadline is this very moment does not.
    pub fn is_live(&self, now: SystemTime) -> bool {
        now < self.expires()
    }

    /// What the secret with this hash may do at `now`.
    pub fn access(&self, hash: &SecretHash, now: SystemTime) -> Access {
        if *hash == self.secret_hash {
            return Access::Open;
        }
        let Some(previous) = self.previous.as_ref().filter(|previous| previous.hash == *hash) else {
            return Access::Unknown;
        };
        let recognised = previous.until.is_none_or(|until| now < until);
        match (previous.kind, recognised) {
            (PreviousKind::Renewed, true) => Access::Open,
            (PreviousKind::Renewed, false) => Access::Reused,
            (PreviousKind::Superseded, true) => Access::Superseded,
            (PreviousKind::Superseded, false) => Access::Unknown,
        }
    }

    /// What a change set with this guard may do at `now`.
    pub fn admits(&self, guard: &Guard, now: SystemTime) -> Access {
        match guard {
            Guard::Secret(hash) => self.access(hash, now),
            Guard::Epoch(epoch) if *epoch == self.epoch => Access::Open,
            Guard::Epoch(_) => Access::Superseded,
            Guard::Any => Access::Open,
        }
    }
}

/// A field as a store holds it. Its `Debug` text does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The encoded value; `None` where only its presence was asked for.
    pub value: Option<Arc<[u8]>>,
    /// Which write put it there.
    pub revision: Revision,
    /// When it ends; `None` when it lives as long as the session.
    pub expires: Option<SystemTime>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { value, revision, expires } = self;
        let value = value.as_ref().map(Hidden::of);
        f.debug_struct("Entry").field("value", &value).field("revision", revision).field("expires", expires).finish()
    }
}

/// A session as [`Store::load`](crate::store::Store::load) answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// All but the fields. Boxed: it goes through many hands.
    pub meta: Box<Meta>,
    /// The fields that were asked for, in that order; `None` where absent or expired.
    pub fields: Vec<Option<Entry>>,
    /// The time by which the store answered.
    pub now: SystemTime,
}

/// A session that [`Store::sweep`](crate::store::Store::sweep) deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expired {
    /// Its ID.
    pub id: SessionId,
    /// Which of its deadlines came first.
    pub deadline: Deadline,
}

/// Which of a session's deadlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Deadline {
    /// It was not used for the idle timeout, or its token never came back.
    Idle,
    /// The absolute one, or the end of what `remember` gave it.
    Absolute,
}

impl Deadline {
    /// The one that comes first.
    pub fn first(idle: SystemTime, absolute: SystemTime) -> Self {
        if idle < absolute { Self::Idle } else { Self::Absolute }
    }
}

/// One field that [`Store::load`](crate::store::Store::load) is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Select {
    /// The field's key.
    pub key: &'static str,
    /// Whether the value is wanted too, or only whether there is one.
    pub value: bool,
}

/// What a change set proves about whoever makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// The hash of the secret that was presented.
    Secret(SecretHash),
    /// That the store confirmed the secret earlier in this request, when the session had this epoch.
    Epoch(Epoch),
    /// Nothing: for administrators.
    Any,
}

/// What must hold before a change set is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Basis {
    /// There is no such session; this creates it.
    Create(Create),
    /// The session lives and this guard holds.
    Guard(Guard),
}

/// How a new session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Create {
    /// The hash of the secret that opens it.
    pub secret_hash: SecretHash,
    /// Its first epoch.
    pub epoch: Epoch,
    /// How long it lives unless its token comes back.
    pub idle: Duration,
    /// How long it lives at the most.
    pub absolute: Duration,
}

/// A field that must be as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expect {
    /// The field's key.
    pub key: &'static str,
    /// The revision seen; `None` when the field was absent.
    pub revision: Option<Revision>,
}

/// Whether both are the same key: those of one schema are nearly always the same text at the same place.
pub(crate) fn is_same_key(one: &str, other: &str) -> bool {
    std::ptr::eq(one, other) || one == other
}

/// So many are looked through sooner than searched: most keys differ in their length already.
const FEW: usize = 16;

/// Where the key is among these, which are sorted by theirs; or where it would be.
pub(crate) fn position<T>(sorted: &[T], key: &str, key_of: impl Fn(&T) -> &str) -> Result<usize, usize> {
    let among_few = sorted.iter().take(FEW).position(|entry| is_same_key(key_of(entry), key));
    among_few.map_or_else(|| sorted.binary_search_by(|entry| key_of(entry).cmp(key)), Ok)
}

/// A field that a change set writes. Its `Debug` text does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct SetField {
    /// The field's key.
    pub key: &'static str,
    /// The encoded value. `None` leaves a tombstone: absent to every reader, but with a revision, so that a removal that is
    /// asked a second time is recognised.
    pub value: Option<Arc<[u8]>>,
    /// The revision of this write.
    pub revision: Revision,
    /// When the field ends.
    pub expiry: Expiry,
}

impl fmt::Debug for SetField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, value, revision, expiry } = self;
        let value = value.as_ref().map(Hidden::of);
        let mut text = f.debug_struct("SetField");
        text.field("key", key).field("value", &value).field("revision", revision).field("expiry", expiry).finish()
    }
}

/// When a field ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiry {
    /// With the session.
    Never,
    /// This long after the store applies the change.
    After(Duration),
    /// At this time.
    At(SystemTime),
}

impl Expiry {
    /// The time of the end, when the change is applied at `now`.
    pub fn at(self, now: SystemTime) -> Option<SystemTime> {
        match self {
            Self::Never => None,
            Self::After(ttl) => Some(later(now, ttl)),
            Self::At(time) => Some(time),
        }
    }
}

/// A new secret for the session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotate {
    /// The hash of the secret that the visitor holds now; becomes the previous one.
    pub from: SecretHash,
    /// The hash of the new secret.
    pub to: SecretHash,
    /// What becomes of the one before.
    pub kind: RotateKind,
}

/// What a rotation does with the secret before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotateKind {
    /// Keeps the epoch; the one before opens the session until the new one was presented, and a grace more. Done only if the
    /// present secret is still the one with this hash, which was seen: else somebody else has renewed it, and the rest of the
    /// change set is applied without this.
    Renew(SecretHash),
    /// Begins this epoch; the one before is recognised as superseded for this long.
    Supersede(Epoch, Duration),
}

/// An entry in an index, by which sessions are found. Its `Debug` text does not show the value.
#[derive(Clone, PartialEq, Eq)]
pub struct IndexChange {
    /// The index's name: the key of an `index` field.
    pub index: &'static str,
    /// The value to be found by; `None` takes the session out of this index.
    pub value: Option<String>,
}

impl fmt::Debug for IndexChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, value } = self;
        let value = value.as_ref().map(Hidden::of);
        f.debug_struct("IndexChange").field("index", index).field("value", &value).finish()
    }
}

/// All that one commit does to one session: applied whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// What must hold.
    pub basis: Basis,
    /// Fields that must be as seen.
    pub expect: Vec<Expect>,
    /// Fields to write.
    pub set: Vec<SetField>,
    /// Fields to remove.
    pub remove: Vec<&'static str>,
    /// A new secret.
    pub rotate: Option<Rotate>,
    /// The session is in use: its idle deadline moves to this long from now, if that is later by more than a tenth.
    pub touch: Option<Duration>,
    /// The absolute deadline becomes this long from now.
    pub absolute: Option<Duration>,
    /// Both deadlines become this long from now, and the session persistent.
    pub remember: Option<Duration>,
    /// A `rotate` field was set: this is an authentication.
    pub authenticated: bool,
    /// The successor of a renewed secret was presented: the one before it ends after this grace. Does nothing when the guard
    /// is a secret that is not the present one.
    pub retire_previous: Option<Duration>,
    /// Entries in indexes.
    pub index: Vec<IndexChange>,
}

impl ChangeSet {
    /// One that changes nothing, on this basis.
    pub fn new(basis: Basis) -> Self {
        Self {
            basis,
            expect: Vec::new(),
            set: Vec::new(),
            remove: Vec::new(),
            rotate: None,
            touch: None,
            absolute: None,
            remember: None,
            authenticated: false,
            retire_previous: None,
            index: Vec::new(),
        }
    }
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All of it was applied, now or when it was asked before.
    Applied {
        /// The session as it is now.
        meta: Box<Meta>,
        /// The time by which the store applied it.
        now: SystemTime,
    },
    /// Nothing was applied: a field was not as expected. Holds the expected fields as they are, in the order of
    /// [`ChangeSet::expect`], with their values.
    Conflict(Vec<Option<Entry>>),
    /// Nothing was applied: the session does not live, the guard opens nothing, or the ID to create is taken.
    Gone,
    /// Nothing was applied: the guard opened the session until a moment ago.
    Superseded,
    /// Nothing was applied: the guard's secret was renewed, the successor is in use, and its grace is over.
    Reused,
}

/// How a destruction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The session was destroyed.
    Destroyed,
    /// There was nothing to destroy: the session does not live, or the guard opens nothing.
    Gone,
    /// Nothing was destroyed: the guard opened the session until a moment ago.
    Superseded,
    /// Nothing was destroyed: the guard's secret was renewed, and its grace is over. Whoever has its successor is in the session.
    Reused,
}

/// 10,000 years: beyond any session, within what every platform and store can express.
pub(crate) const FOREVER: Duration = Duration::from_secs(10_000 * 365 * 24 * 60 * 60);

/// `time + by`, or the end of time as far as `SystemTime` can tell it.
pub(crate) fn later(time: SystemTime, by: Duration) -> SystemTime {
    time.checked_add(by.min(FOREVER)).unwrap_or(time)
}

/// How much later a use must move the idle deadline for the move to be written.
pub(crate) fn touch_is_due(idle_deadline: SystemTime, idle: Duration, now: SystemTime) -> bool {
    later(idle_deadline, idle.min(FOREVER) / 10) < later(now, idle)
}
