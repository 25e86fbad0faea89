//! Stored values of any bytes, read as fields of many types.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::CString;
use std::fmt::Debug;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use session_runtime::record::{Basis, ChangeSet, Expiry, Guard, Outcome, Revision, Select, SetField};
use session_runtime::testing::ManualClock;
use session_runtime::{Field, MemoryStore, Session, SessionData, SessionError, SessionManager, Store as _, Token};

use crate::input::Input;
use crate::ready;

#[derive(SessionData)]
struct Data {
    flag: bool,
    byte: u8,
    letter: char,
    number: i64,
    wide: u128,
    float: Float,
    text: String,
    numbers: Vec<u32>,
    map: HashMap<String, Option<u16>>,
    nested: Nested,
    kind: Kind,
    tree: Tree,
    expression: Expression,
    nothing: Vec<()>,
    old: Old,
    checked: Checked,
    c_string: CString,
    #[session(codec = "json")]
    json: serde_json::Value,
    #[session(codec = "json")]
    tagged: Tagged,
    #[session(codec = "json")]
    json_tree: Tree,
    #[session(codec = "json")]
    json_nested: Nested,
    #[session(version = 3, migrate(Tree => Migrated::from, Old => |old| Migrated { size: old.size.into(), name: None }, Migrated => |old| old, version = 2))]
    migrated: Migrated,
    #[session(on_mismatch = "default", migrate(u8 => |byte| byte.to_string()))]
    lenient: String,
}

/// Equal to itself, whatever it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Float(f64);

impl PartialEq for Float {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Nested {
    id: u8,
    pair: (i16, String),
    kinds: Vec<Kind>,
    inner: Option<Finite>,
}

/// A number that JSON has: in an `Option`, it makes `None` of all others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
struct Finite(f64);

impl TryFrom<f64> for Finite {
    type Error = &'static str;

    fn try_from(number: f64) -> Result<Self, Self::Error> {
        if number.is_finite() { Ok(Self(number)) } else { Err("not finite") }
    }
}

impl From<Finite> for f64 {
    fn from(number: Finite) -> Self {
        number.0
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Kind {
    #[default]
    Unit,
    Newtype(u32),
    Tuple(i8, bool),
    Struct {
        name: Option<String>,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Tree {
    value: u8,
    children: Vec<Tree>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
enum Expression {
    #[default]
    One,
    Not(Box<Expression>),
    Sum(Box<Expression>, Box<Expression>),
    Maybe(Option<Box<Expression>>),
}

/// Types that refuse some of what their bytes can say.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Checked {
    not_zero: Option<NonZeroU32>,
    duration: Duration,
    time: Option<SystemTime>,
    address: Option<IpAddr>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind")]
enum Tagged {
    #[default]
    Nothing,
    Point {
        x: Float,
        y: Option<i64>,
    },
    #[serde(untagged)]
    Other(HashMap<String, Float>),
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Migrated {
    size: u64,
    name: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Old {
    size: u8,
}

impl From<Tree> for Migrated {
    fn from(tree: Tree) -> Self {
        Self { size: tree.children.len() as u64, name: None }
    }
}

/// Something that is done with each field.
trait Visit {
    fn field<V: Clone + Debug + Default + PartialEq>(&mut self, field: &Field<Data, V>, on_mismatch: OnMismatch);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum OnMismatch {
    Fails,
    Absent,
}

fn visit_all(visit: &mut impl Visit) {
    use OnMismatch::{Absent, Fails};
    visit.field(&Data::FLAG, Fails);
    visit.field(&Data::BYTE, Fails);
    visit.field(&Data::LETTER, Fails);
    visit.field(&Data::NUMBER, Fails);
    visit.field(&Data::WIDE, Fails);
    visit.field(&Data::FLOAT, Fails);
    visit.field(&Data::TEXT, Fails);
    visit.field(&Data::NUMBERS, Fails);
    visit.field(&Data::MAP, Fails);
    visit.field(&Data::NESTED, Fails);
    visit.field(&Data::KIND, Fails);
    visit.field(&Data::TREE, Fails);
    visit.field(&Data::EXPRESSION, Fails);
    visit.field(&Data::NOTHING, Fails);
    visit.field(&Data::OLD, Fails);
    visit.field(&Data::CHECKED, Fails);
    visit.field(&Data::C_STRING, Fails);
    visit.field(&Data::JSON, Fails);
    visit.field(&Data::TAGGED, Fails);
    visit.field(&Data::JSON_TREE, Fails);
    visit.field(&Data::JSON_NESTED, Fails);
    visit.field(&Data::MIGRATED, Fails);
    visit.field(&Data::LENIENT, Absent);
}

/// A session whose stored values are chosen.
struct Subject {
    store: Arc<MemoryStore>,
    sessions: SessionManager<Data>,
    token: Token,
    revisions: u64,
}

impl Subject {
    fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let sessions = SessionManager::builder(Arc::clone(&store)).clock(ManualClock::at(UNIX_EPOCH));
        let sessions: SessionManager<Data> = sessions.build().expect("the settings are good");
        let session = sessions.start();
        ready(session.set_flag(true)).expect("the store works");
        let token = session.token().expect("the session is stored");
        Self { store, sessions, token, revisions: 0 }
    }

    fn open(&self) -> Session<Data> {
        ready(self.sessions.open(&self.token)).expect("the store works").expect("the session lives")
    }

    fn put(&mut self, key: &'static str, value: &Arc<[u8]>) {
        self.revisions += 1;
        let revision = Revision::from_bytes(self.revisions.to_le_bytes());
        let mut changes = ChangeSet::new(Basis::Guard(Guard::Any));
        changes.set = vec![SetField { key, value: Some(value.clone()), revision, expiry: Expiry::Never }];
        let outcome = ready(self.store.commit(self.token.id(), &changes, Some(UNIX_EPOCH)));
        assert!(matches!(outcome, Ok(Outcome::Applied { .. })), "{outcome:?}");
    }

    fn stored(&self, key: &'static str) -> Option<Arc<[u8]>> {
        let select = [Select { key, value: true }];
        let record = ready(self.store.load(self.token.id(), &select, Some(UNIX_EPOCH))).expect("the store works");
        record.expect("the session lives").fields.remove(0)?.value
    }
}

/// The place of the field of this name.
const NOTHING: usize = 13;

/// How many lists of that field with any length were read; more would take the time of all others.
static LONG_ONES: AtomicUsize = AtomicUsize::new(0);
const MOST_LONG_ONES: usize = 3;

/// From here on a byte is not a length itself, but says that one follows.
const LONG: u8 = 251;

/// How a field's values are stored.
#[derive(Clone, Copy)]
struct Stored {
    codec: u8,
    fingerprint: [u8; 8],
}

impl Stored {
    /// One of another shape.
    fn almost(mut self) -> Self {
        self.fingerprint[7] ^= 1;
        self
    }

    /// Whether it is of the field's shape and version, as far as these bytes alone tell.
    fn may_be(&self, value: &[u8]) -> bool {
        value[0] != self.codec || value[1] >= 0x80 || value[1] == 1 && value[2..10] == self.fingerprint
    }
}

/// Collects how the fields' values are stored: the fuzzer would not guess it.
struct Learn {
    subject: Subject,
    found: Vec<Stored>,
}

impl Visit for Learn {
    fn field<V: Clone + Debug + Default + PartialEq>(&mut self, field: &Field<Data, V>, _: OnMismatch) {
        ready(self.subject.open().set(field, V::default())).expect("the default encodes");
        let stored = self.subject.stored(field.key()).expect("it is stored");
        // Between them is the version, which is one byte for those that are used here.
        let fingerprint = stored[2..10].try_into().expect("eight bytes");
        self.found.push(Stored { codec: stored[0], fingerprint });
    }
}

/// Checks what becomes of the stored bytes in one field.
struct Check<'c> {
    subject: &'c mut Subject,
    value: Arc<[u8]>,
    /// How many fields come before the one that is meant.
    before: usize,
    /// How that one's values are stored.
    own: Stored,
    /// Only to be read: it takes long.
    lightly: bool,
}

impl Visit for Check<'_> {
    fn field<V: Clone + Debug + Default + PartialEq>(&mut self, field: &Field<Data, V>, on_mismatch: OnMismatch) {
        let Some(before) = self.before.checked_sub(1) else { return self.check(field, on_mismatch) };
        self.before = before;
    }
}

impl Check<'_> {
    fn check<V: Clone + Debug + PartialEq>(&mut self, field: &Field<Data, V>, on_mismatch: OnMismatch) {
        self.before = usize::MAX;
        self.subject.put(field.key(), &self.value);
        let session = self.subject.open();
        let read = ready(session.get(field));
        if self.lightly {
            assert!(
                matches!(read, Ok(Some(_)) | Err(SessionError::Decode { .. } | SessionError::Schema { .. })),
                "{read:?}"
            );
            return;
        }
        let has = ready(session.has(field));
        match read {
            Ok(Some(value)) => {
                assert!(matches!(has, Ok(true)), "{has:?}");
                assert!(
                    is_migrated(field.key()) || self.own.may_be(&self.value),
                    "{value:?} was stored as something else"
                );
                self.check_value(field, &value);
            }
            Ok(None) => {
                assert!(on_mismatch == OnMismatch::Absent && matches!(has, Ok(false)), "{has:?}");
                self.check_bytes_stay(field.key());
            }
            Err(error @ (SessionError::Decode { .. } | SessionError::Schema { .. })) => {
                let same =
                    |other: Result<(), SessionError>| other.is_err_and(|other| other.to_string() == error.to_string());
                // It is there, whatever is wrong with it.
                assert!(matches!(has, Ok(true)), "{has:?}");
                assert!(same(ready(session.take(field)).map(drop)), "{error}");
                assert!(same(ready(session.update(field, |_| ()))), "{error}");
                self.check_bytes_stay(field.key());
            }
            Err(error) => panic!("{error}: {:?}", std::error::Error::source(&error)),
        }
    }

    /// What was read can be stored, and is read again as it was.
    fn check_value<V: Clone + Debug + PartialEq>(&mut self, field: &Field<Data, V>, value: &V) {
        match ready(self.subject.open().set(field, value.clone())) {
            Ok(()) => {}
            // JSON can't hold every number that bincode can, nor bincode be as deep as JSON.
            Err(SessionError::Encode { .. }) if self.value.first() != Some(&self.own.codec) => return,
            Err(error) => {
                panic!("{value:?} was read but can't be set: {error}, {:?}", std::error::Error::source(&error))
            }
        }
        let again = ready(self.subject.open().get(field));
        assert!(again.as_ref().is_ok_and(|again| again.as_ref() == Some(value)), "{value:?} became {again:?}");
    }

    fn check_bytes_stay(&self, key: &'static str) {
        assert_eq!(self.subject.stored(key).as_ref(), Some(&self.value));
    }
}

fn is_migrated(key: &str) -> bool {
    [Data::MIGRATED.key(), Data::LENIENT.key()].contains(&key)
}

thread_local! {
    static STATE: (RefCell<Subject>, Vec<Stored>) = {
        let mut learn = Learn { subject: Subject::new(), found: Vec::new() };
        visit_all(&mut learn);
        (RefCell::new(learn.subject), learn.found)
    };
}

/// Reading is a value or an error, never a panic or without end. An error leaves the bytes where they are; a value can be
/// stored again and is the same then.
///
/// Says whether more is to be built on these bytes.
pub fn run(bytes: &[u8]) -> bool {
    let mut input = Input::new(bytes);
    STATE.with(|(subject, fields)| {
        let before = input.below(fields.len());
        let envelope = envelope(&mut input, before, fields);
        let payload = input.rest();
        // Eight million elements without a byte are allowed, but take a second here: whole runs would consist of them.
        let lightly = before == NOTHING && payload.iter().any(|byte| *byte >= LONG);
        if lightly && LONG_ONES.fetch_add(1, Ordering::Relaxed) >= MOST_LONG_ONES {
            return false;
        }
        let value = [&envelope, payload].concat().into();
        let subject = &mut subject.borrow_mut();
        visit_all(&mut Check { subject, value, before, own: fields[before], lightly });
        !lightly
    })
}

/// That of a value of the field, of another one, or none: then it is the fuzzer's too.
fn envelope(input: &mut Input<'_>, field: usize, fields: &[Stored]) -> Vec<u8> {
    let choice = input.byte();
    let stored = match choice >> 5 {
        0..3 => fields[field],
        3 | 4 => *input.of(fields),
        5 => fields[field].almost(),
        _ => return Vec::new(),
    };
    let codec = [1 + (choice & 1)];
    [&codec[..], version(choice), &stored.fingerprint].concat()
}

/// 1 is what most fields have, 3 what the migrated one has.
fn version(choice: u8) -> &'static [u8] {
    match choice >> 1 & 7 {
        0..3 => &[1],
        3 => &[3],
        4 => &[2],
        5 => &[0],
        6 => &[0x83, 0],
        _ => &[0xff; 5],
    }
}
