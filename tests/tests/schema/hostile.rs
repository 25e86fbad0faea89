//! Bytes that no program wrote, values that are too deep and values that are too large: each is an error of its field
//! alone. What can be set can be read.

use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::error::Error as _;
use std::thread;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use session_runtime::{Field, Session, SessionData, SessionError};
use tokio::runtime::{Builder, Runtime};

use crate::stored::{Kept, KeptAsJson, Storable, Stored, text};

/// The codec, a version of one byte, and the fingerprint.
const ENVELOPE: usize = 10;
/// The most bytes that a value may take.
const LIMIT: usize = 8 << 20;
/// The most values that may be inside each other.
const DEPTH: usize = 128;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    text: String,
    letter: char,
    flag: bool,
    numbers: Vec<i64>,
    float: f64,
    large: Option<u128>,
    sizes: HashMap<String, (u8, Option<String>)>,
    tree: Tree,
    time: std::time::Duration,
    address: std::net::IpAddr,
    day: chrono::NaiveDate,
    array: [u16; 3],
    nothing: Vec<()>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Tree {
    Leaf,
    Number(u32),
    Pair(Box<Tree>, Box<Tree>),
    List(Vec<Tree>),
    Map(BTreeMap<String, Tree>),
    Named { name: String, inner: Option<Box<Tree>> },
    Wrapped(Wrapped),
    Queue(VecDeque<(u8, Tree)>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped(Box<Tree>);

fn everything() -> Everything {
    Everything {
        text: "tea ☕".into(),
        letter: 'ß',
        flag: true,
        numbers: vec![i64::MIN, -1, 0, 250, 251, 65_536, i64::MAX],
        float: -0.1,
        large: Some(u128::MAX),
        sizes: HashMap::from([("one".into(), (1, Some("a".into())))]),
        tree: tree(),
        time: std::time::Duration::new(7, 8),
        address: std::net::Ipv4Addr::LOCALHOST.into(),
        day: "2024-02-29".parse().unwrap(),
        array: [1, 2, 3],
        nothing: vec![(); 3],
    }
}

fn tree() -> Tree {
    let map = Tree::Map(BTreeMap::from([("key".into(), Tree::Wrapped(Wrapped(Box::new(Tree::Leaf))))]));
    let named = Tree::Named { name: "name".into(), inner: Some(Box::new(Tree::Number(300))) };
    Tree::List(vec![Tree::Pair(Box::new(map), Box::new(named)), Tree::Queue(VecDeque::from([(7, Tree::Leaf)]))])
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

/// The bytes that are stored for a value.
async fn bytes_of<S: SessionData, V>(field: Field<S, V>, value: V) -> Vec<u8> {
    let stored = Stored::new().await;
    stored.open::<S>().await.set(&field, value).await.unwrap();
    stored.bytes(field.key()).await.unwrap().to_vec()
}

/// What a program reads from these bytes; the other field of its session is read in any case.
async fn read<S: SessionData, V>(
    stored: &Stored,
    (value, other): (Field<S, V>, Field<S, u64>),
    bytes: Vec<u8>,
) -> Result<V, SessionError> {
    stored.put("value", bytes).await;
    let session: Session<S> = stored.open().await;
    let read = session.get(&value).await;
    assert_eq!(session.get(&other).await.unwrap(), Some(7));
    read.map(Option::unwrap)
}

fn in_bincode<V: Storable>() -> (Field<Kept<V>, V>, Field<Kept<V>, u64>) {
    (Kept::<V>::VALUE, Kept::<V>::OTHER)
}

fn in_json<V: Storable>() -> (Field<KeptAsJson<V>, V>, Field<KeptAsJson<V>, u64>) {
    (KeptAsJson::<V>::VALUE, KeptAsJson::<V>::OTHER)
}

async fn with_other<S: SessionData>(other: Field<S, u64>) -> Stored {
    let stored = Stored::new().await;
    stored.open::<S>().await.set(&other, 7).await.unwrap();
    stored
}

/// Whether the stored bytes were refused for this reason, in these words and no others.
fn is_refused_as<V>(read: &Result<V, SessionError>, reason: &str) -> bool {
    match read {
        Err(error @ SessionError::Decode { field: "value", .. }) => {
            error.source().is_some_and(|source| source.to_string() == reason)
        }
        _ => false,
    }
}

fn is_data_error<V>(read: &Result<V, SessionError>) -> bool {
    matches!(read, Err(SessionError::Decode { field: "value", .. } | SessionError::Schema { field: "value", .. }))
}

mod damage {
    use super::*;

    /// Each beginning, each bit, and one byte more.
    async fn withstands<S: SessionData, V: Storable>(fields: (Field<S, V>, Field<S, u64>), value: V) {
        let stored = with_other(fields.1).await;
        let bytes = bytes_of(fields.0, value.clone()).await;
        for end in 0..bytes.len() {
            let read = read(&stored, fields, bytes[..end].to_vec()).await;
            assert!(is_data_error(&read), "{end} of {} bytes: {read:?}", bytes.len());
        }
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let read = read(&stored, fields, flipped).await;
            assert!(read.is_ok() || is_data_error(&read), "bit {bit}: {read:?}");
            let is_in_envelope = bit < 8 * ENVELOPE;
            assert!(!is_in_envelope || is_data_error(&read), "bit {bit} of the envelope: {read:?}");
        }
        for more in 0..=u8::MAX {
            let read = read(&stored, fields, [&bytes[..], &[more]].concat()).await;
            let is_space_after_json = bytes[0] == 2 && b" \t\r\n".contains(&more);
            match is_space_after_json {
                true => assert_eq!(read.unwrap(), value),
                false => assert!(is_data_error(&read), "{more:#x} more: {read:?}"),
            }
        }
        assert_eq!(read(&stored, fields, bytes).await.unwrap(), value, "undamaged");
    }

    #[tokio::test]
    async fn is_noticed_or_harmless_in_bincode() {
        withstands(in_bincode(), everything()).await;
        withstands(in_bincode(), tree()).await;
        withstands(in_bincode(), vec!["tea".to_owned(), "milk".to_owned()]).await;
        withstands(in_bincode(), HashMap::from([(7_u64, Some('a'))])).await;
    }

    #[tokio::test]
    async fn is_noticed_or_harmless_in_json() {
        withstands(in_json(), everything()).await;
        withstands(in_json(), tree()).await;
        withstands(in_json(), serde_json::json!({ "a": [1, -2.5e10, null, "\u{1f375}\n", {}] })).await;
    }

    #[tokio::test]
    async fn of_the_envelope_is_an_error() {
        let fields = in_bincode::<String>();
        let stored = with_other(fields.1).await;
        let bytes = bytes_of(fields.0, "tea".to_owned()).await;
        let (fingerprint, payload) = (&bytes[2..ENVELOPE], &bytes[ENVELOPE..]);
        let with = |codec: &[u8], version: &[u8]| [codec, version, fingerprint, payload].concat();
        assert_eq!(read(&stored, fields, with(&[1], &[1])).await.unwrap(), "tea");
        for codec in (0..=u8::MAX).filter(|codec| *codec != 1) {
            let read = read(&stored, fields, with(&[codec], &[1])).await;
            assert!(matches!(read, Err(SessionError::Decode { field: "value", .. })), "codec {codec}: {read:?}");
        }
        for version in [&[0][..], &[2], &[0xff, 0x7f], &[0xff, 0xff, 0xff, 0xff, 0x0f]] {
            let read = read(&stored, fields, with(&[1], version)).await;
            assert!(matches!(read, Err(SessionError::Schema { field: "value", .. })), "version {version:?}: {read:?}");
        }
        // Numbers of more than 32 bits, and numbers without an end.
        for version in [&[0xff, 0xff, 0xff, 0xff, 0x10][..], &[0xff; 5], &[0x80; 10], &[0xff; 100]] {
            let read = read(&stored, fields, with(&[1], version)).await;
            assert!(matches!(read, Err(SessionError::Decode { field: "value", .. })), "version {version:?}: {read:?}");
        }
    }

    #[test]
    fn by_any_bytes_is_an_error_or_a_value() {
        let runtime = runtime();
        let fields = in_bincode::<Everything>();
        let json = in_json::<Everything>();
        let stored = runtime.block_on(with_other(fields.1));
        let json_stored = runtime.block_on(with_other(json.1));
        let envelope = runtime.block_on(bytes_of(fields.0, everything()))[..ENVELOPE].to_vec();
        let json_envelope = runtime.block_on(bytes_of(json.0, everything()))[..ENVELOPE].to_vec();
        let bytes = proptest::collection::vec(any::<u8>(), 0..200);
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(1000) });
        let result = runner.run(&bytes, |bytes| {
            let all = [
                runtime.block_on(read(&stored, fields, bytes.clone())),
                runtime.block_on(read(&stored, fields, [&envelope, &bytes[..]].concat())),
                runtime.block_on(read(&json_stored, json, [&json_envelope, &bytes[..]].concat())),
            ];
            prop_assert!(all.iter().all(|read| read.is_ok() || is_data_error(read)), "{all:?}");
            Ok(())
        });
        result.unwrap();
    }
}

mod lengths {
    use super::*;

    /// Lengths as bincode writes them: one byte up to 250, then a mark and 2, 4, 8 or 16 bytes.
    fn huge_lengths() -> Vec<Vec<u8>> {
        let wide = [u64::MAX, u64::MAX / 2, i64::MAX as u64, 1 << 40, 3_000_000_000];
        let wide = wide.into_iter().map(|length| [&[253][..], &length.to_le_bytes()].concat());
        let narrow = [u32::MAX, 3_000_000_000, (LIMIT + 1).try_into().unwrap()];
        let narrow = narrow.into_iter().map(|length| [&[252][..], &length.to_le_bytes()].concat());
        let widest = [[&[254][..], &u128::MAX.to_le_bytes()].concat(), vec![255]];
        wide.chain(narrow).chain(widest).collect()
    }

    async fn refuses<V: Storable>(value: V, before: &[u8]) {
        let fields = in_bincode::<V>();
        let stored = with_other(fields.1).await;
        let envelope = &bytes_of(fields.0, value).await[..ENVELOPE];
        for length in huge_lengths() {
            for after in [&[][..], &[0], &[0; 100], &[1; 100], &[0xff; 100]] {
                let read = read(&stored, fields, [envelope, before, &length, after].concat()).await;
                assert!(matches!(read, Err(SessionError::Decode { .. })), "{length:?} {after:?}: {read:?}");
            }
        }
    }

    #[tokio::test]
    async fn that_no_bytes_follow_are_refused() {
        refuses(String::new(), &[]).await;
        refuses(Vec::<u64>::new(), &[]).await;
        refuses(Vec::<u8>::new(), &[]).await;
        refuses(Vec::<String>::new(), &[]).await;
        refuses(Vec::<[u128; 32]>::new(), &[]).await;
        refuses(Box::<str>::default(), &[]).await;
        refuses(Box::<[u32]>::default(), &[]).await;
        refuses(HashMap::<String, u64>::new(), &[]).await;
        refuses(BTreeMap::<u8, u8>::new(), &[]).await;
        refuses(HashSet::<u64>::new(), &[]).await;
        refuses(HashMap::<(), u8>::new(), &[]).await;
        refuses(VecDeque::<Option<u8>>::new(), &[]).await;
        refuses(uuid::Uuid::nil(), &[]).await;
        refuses(Tree::Leaf, &[3]).await;
        refuses(Tree::Leaf, &[4]).await;
        // Inside others.
        refuses(Vec::<Vec<u64>>::new(), &[3]).await;
        refuses(HashMap::<String, Vec<u64>>::new(), &[1, 1, b'a']).await;
        refuses((String::new(), String::new()), &[1, b'a']).await;
        refuses(Some(vec![String::new()]), &[1, 2]).await;
    }

    /// Elements that take no bytes: nothing but a count can end them.
    #[tokio::test]
    async fn of_values_without_bytes_are_refused() {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        struct Empty {
            nothing: [u8; 0],
            marker: std::marker::PhantomData<u8>,
        }

        async fn refuses<V: Storable>(value: V, payload: &[u8]) {
            let fields = in_bincode::<V>();
            let stored = with_other(fields.1).await;
            let envelope = &bytes_of(fields.0, value).await[..ENVELOPE];
            let read = read(&stored, fields, [envelope, payload].concat()).await;
            assert!(is_refused_as(&read, "too many elements"), "{read:?}");
        }

        let three_billion = [&[252][..], &3_000_000_000_u32.to_le_bytes()].concat();
        let endless = [&[253][..], &u64::MAX.to_le_bytes()].concat();
        let length = &three_billion[..];
        refuses(Vec::<()>::new(), length).await;
        refuses(Vec::<()>::new(), &endless).await;
        refuses(HashSet::<()>::new(), length).await;
        refuses(HashMap::<(), ()>::new(), length).await;
        refuses(Some(HashMap::<(), Empty>::new()), &[&[1], length].concat()).await;
        refuses(vec![vec![()]], &[&[3], length, length, length].concat()).await;
    }

    /// As many as are allowed, and one more.
    #[tokio::test]
    async fn of_values_without_bytes_that_can_be_set_can_be_read() {
        let stored = Stored::new().await;
        let session = stored.open::<Kept<Vec<()>>>().await;
        session.set_value(vec![(); LIMIT]).await.unwrap();
        assert_eq!(stored.open::<Kept<Vec<()>>>().await.value().await.unwrap().map(|list| list.len()), Some(LIMIT));
        let error = session.set_value(vec![(); LIMIT + 1]).await.unwrap_err();
        assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
        assert!(text(&error).contains("more than 8388608 elements"), "{}", text(&error));
    }

    /// What a tuple has is as much as its type says: only the elements of the list count.
    #[tokio::test]
    async fn of_tuples_without_bytes_that_can_be_set_can_be_read() {
        let stored = Stored::new().await;
        stored.open::<Kept<Vec<((), ())>>>().await.set_value(vec![((), ()); 3_000_000]).await.unwrap();
        let read = stored.open::<Kept<Vec<((), ())>>>().await.value().await.unwrap();
        assert_eq!(read.map(|list| list.len()), Some(3_000_000));
    }

    /// A tree of as many structs, of two bytes each: their fields don't count either.
    #[tokio::test]
    async fn of_many_small_structs_that_can_be_set_can_be_read() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Node {
            label: u8,
            children: Vec<Node>,
        }

        let wide = || {
            let leaf = |label| Node { label, children: vec![] };
            let branch = |label| Node { label, children: (0..200).map(leaf).collect() };
            Node { label: 7, children: (0..60).flat_map(|_| (0..=249).map(branch)).collect() }
        };
        let stored = Stored::new().await;
        stored.open::<Kept<Node>>().await.set_value(wide()).await.unwrap();
        assert!(stored.bytes("value").await.unwrap().len() > 6_000_000);
        // No `assert_eq`, which would print them.
        assert!(stored.open::<Kept<Node>>().await.value().await.unwrap() == Some(wide()));
    }
}

mod depth {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Chain {
        next: Option<Box<Chain>>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Lists(Vec<Lists>);

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Maps {
        inner: BTreeMap<String, Maps>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Steps {
        End,
        Step(Box<Steps>),
    }

    /// Types that contain each other.
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Odd {
        even: Vec<Even>,
    }

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Even {
        Odd(u8, Option<Odd>),
    }

    /// Runs on a stack as small as the threads of a server have.
    fn on_a_small_stack(test: impl Future<Output = ()> + Send + 'static) {
        let run = move || runtime().block_on(test);
        thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
    }

    /// So many times `repeated`, then `end`.
    fn nested(repeated: &[u8], levels: usize, end: &[u8]) -> Vec<u8> {
        [&repeated.repeat(levels), end].concat()
    }

    async fn refuses<S: SessionData, V: Storable>(
        fields: (Field<S, V>, Field<S, u64>),
        value: V,
        payload: impl Fn(usize) -> Vec<u8>,
    ) {
        let stored = with_other(fields.1).await;
        let envelope = &bytes_of(fields.0, value.clone()).await[..ENVELOPE];
        // The payload is what it should be.
        assert!(read(&stored, fields, [envelope, &payload(10)].concat()).await.is_ok());
        for levels in [DEPTH + 1, 1000, 10_000, 100_000, 2_000_000] {
            let read = read(&stored, fields, [envelope, &payload(levels)].concat()).await;
            assert!(matches!(read, Err(SessionError::Decode { .. })), "{levels} levels: {read:?}");
        }
    }

    #[test]
    fn of_stored_bytes_ends_before_the_stack_does_in_bincode() {
        on_a_small_stack(async {
            refuses(in_bincode(), Chain { next: None }, |levels| nested(&[1], levels, &[0])).await;
            refuses(in_bincode(), Lists(vec![]), |levels| nested(&[1], levels, &[0])).await;
            refuses(in_bincode(), Maps { inner: BTreeMap::new() }, |levels| nested(&[1, 1, b'a'], levels, &[0])).await;
            refuses(in_bincode(), Steps::End, |levels| nested(&[1], levels, &[0])).await;
            refuses(in_bincode(), Odd { even: vec![] }, |levels| nested(&[1, 0, 7, 1], levels, &[0])).await;
            refuses(in_bincode(), Tree::Leaf, |levels| nested(&[6], levels, &[0])).await;
            refuses(in_bincode(), Tree::Leaf, |levels| nested(&[5, 0, 1], levels, &[0])).await;
            refuses(in_bincode(), Tree::Leaf, |levels| [nested(&[2], levels, &[0]), vec![0; levels]].concat()).await;
            refuses(in_bincode(), vec![Some((7_u8, Tree::Leaf))], |levels| {
                nested(&[1, 1, 7], 1, &nested(&[3, 1], levels, &[0]))
            })
            .await;
        });
    }

    #[test]
    fn of_stored_bytes_ends_before_the_stack_does_in_json() {
        on_a_small_stack(async {
            let around = |open: &'static str, end: &'static str, close: &'static str| {
                move |levels: usize| {
                    [nested(open.as_bytes(), levels, end.as_bytes()), close.as_bytes().repeat(levels)].concat()
                }
            };
            refuses(in_json(), Chain { next: None }, around(r#"{"next":"#, "null", "}")).await;
            refuses(in_json(), Lists(vec![]), around("[", "", "]")).await;
            refuses(in_json(), Maps { inner: BTreeMap::new() }, around(r#"{"inner":{"a":"#, r#"{"inner":{}}"#, "}}"))
                .await;
            refuses(in_json(), Steps::End, around(r#"{"Step":"#, r#""End""#, "}")).await;
            refuses(in_json(), Tree::Leaf, around(r#"{"List":["#, r#""Leaf""#, "]}")).await;
            refuses(in_json(), Value::Null, around("[", "null", "]")).await;
            refuses(in_json(), Value::Null, around(r#"{"a":"#, "1", "}")).await;
        });
    }

    /// The reason is told in words of its own, not as something that the type refused.
    #[test]
    fn of_stored_bytes_that_is_too_much_is_named() {
        on_a_small_stack(async {
            async fn is_named<V: Storable>(value: V, payload: Vec<u8>) {
                let fields = in_bincode::<V>();
                let stored = with_other(fields.1).await;
                let envelope = &bytes_of(fields.0, value).await[..ENVELOPE];
                let read = read(&stored, fields, [envelope, &payload].concat()).await;
                assert!(is_refused_as(&read, "values too deep inside each other"), "{read:?}");
            }

            is_named(Steps::End, nested(&[1], DEPTH + 1, &[0])).await;
            is_named(Chain { next: None }, nested(&[1], DEPTH, &[0])).await;
            is_named(Lists(vec![]), nested(&[1], 1_000_000, &[0])).await;
        });
    }

    /// Where a type ignores what it does not know, that may be deep too.
    #[test]
    fn of_ignored_json_ends_before_the_stack_does() {
        on_a_small_stack(async {
            let payload = |levels: usize| {
                let deep = [nested(b"[", levels, b""), b"]".repeat(levels)].concat();
                [&br#"{"next":null,"more":"#[..], &deep, b"}"].concat()
            };
            let fields = in_json();
            let stored = with_other(fields.1).await;
            let envelope = bytes_of(fields.0, Chain { next: None }).await[..ENVELOPE].to_vec();
            for levels in [10, 1000, 100_000] {
                let read = read(&stored, fields, [&envelope[..], &payload(levels)].concat()).await;
                assert!(read.is_ok() || is_data_error(&read), "{levels} levels: {read:?}");
            }
        });
    }

    /// The deepest value that can be set, of those that `of` makes; each that can be set is read as it was.
    async fn deepest<S: SessionData, V: Storable>(field: Field<S, V>, of: impl Fn(usize) -> V) -> usize {
        let stored = Stored::new().await;
        let mut deepest = None;
        for levels in 0..300 {
            let session: Session<S> = stored.open().await;
            match session.set(&field, of(levels)).await {
                Ok(()) => {
                    assert_eq!(deepest, levels.checked_sub(1), "{levels} levels can be set, fewer can't");
                    deepest = Some(levels);
                }
                Err(error) => {
                    assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
                }
            }
            let read = stored.open::<S>().await.get(&field).await.unwrap();
            assert_eq!(read, deepest.map(&of), "after {levels} levels");
        }
        deepest.unwrap()
    }

    fn chain(levels: usize) -> Chain {
        (0..levels).fold(Chain { next: None }, |next, _| Chain { next: Some(Box::new(next)) })
    }

    fn lists(levels: usize) -> Lists {
        (0..levels).fold(Lists(vec![]), |inner, _| Lists(vec![inner]))
    }

    fn maps(levels: usize) -> Maps {
        let empty = Maps { inner: BTreeMap::new() };
        (0..levels).fold(empty, |inner, _| Maps { inner: BTreeMap::from([("a".to_owned(), inner)]) })
    }

    fn steps(levels: usize) -> Steps {
        (0..levels).fold(Steps::End, |inner, _| Steps::Step(Box::new(inner)))
    }

    fn pairs(levels: usize) -> Tree {
        (0..levels).fold(Tree::Leaf, |inner, _| Tree::Pair(Box::new(Tree::Leaf), Box::new(inner)))
    }

    fn wrapped(levels: usize) -> Tree {
        (0..levels).fold(Tree::Leaf, |inner, _| Tree::Wrapped(Wrapped(Box::new(inner))))
    }

    #[test]
    fn that_can_be_set_can_be_read_in_bincode() {
        on_a_small_stack(async {
            assert_eq!(deepest(Kept::VALUE, steps).await, DEPTH);
            assert_eq!(deepest(Kept::VALUE, pairs).await, DEPTH);
            // Two values each: a field and what is in its option, a newtype and its element.
            assert_eq!(deepest(Kept::VALUE, chain).await, DEPTH / 2 - 1);
            assert_eq!(deepest(Kept::VALUE, lists).await, DEPTH / 2 - 1);
            assert_eq!(deepest(Kept::VALUE, maps).await, DEPTH / 2 - 1);
            assert_eq!(deepest(Kept::VALUE, wrapped).await, DEPTH / 2);
        });
    }

    #[test]
    fn that_can_be_set_can_be_read_in_json() {
        on_a_small_stack(async {
            for deepest in [
                deepest(KeptAsJson::VALUE, steps).await,
                deepest(KeptAsJson::VALUE, chain).await,
                deepest(KeptAsJson::VALUE, lists).await,
            ] {
                assert!((120..=130).contains(&deepest), "{deepest}");
            }
            let values = |levels| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
            let deepest = deepest(KeptAsJson::VALUE, values).await;
            assert!((120..=130).contains(&deepest), "{deepest}");
        });
    }

    #[tokio::test]
    async fn that_is_too_much_is_named_when_it_is_set() {
        let session = Stored::new().await.open::<Kept<Steps>>().await;
        session.set_value(steps(DEPTH)).await.unwrap();
        for error in [
            session.set_value(steps(DEPTH + 1)).await.unwrap_err(),
            session
                .update_value(|value| *value = value.take().map(|inner| Steps::Step(Box::new(inner))))
                .await
                .unwrap_err(),
        ] {
            let text = text(&error);
            assert!(text.contains("more than 128 values inside each other") && text.contains("Steps`"), "{text}");
        }
        assert_eq!(session.value().await.unwrap(), Some(steps(DEPTH)));
    }

    /// Values so deep that writing them as JSON would take more than the stack: they are refused before, by name.
    #[test]
    fn of_a_value_for_json_ends_before_the_stack_does() {
        async fn is_refused<V: Storable>(value: V) {
            let stored = Stored::new().await;
            let session = stored.open::<KeptAsJson<V>>().await;
            let error = session.set_value(value).await.unwrap_err();
            assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
            let text = text(&error);
            let says = format!("`{}` has more than 384 values inside each other", std::any::type_name::<V>());
            assert!(text.contains(&says), "{text}");
            session.set_other(7).await.unwrap();
            assert_eq!(stored.bytes("value").await, None);
        }

        on_a_small_stack(async {
            is_refused(chain(5000)).await;
            is_refused(lists(5000)).await;
            is_refused(steps(5000)).await;
            is_refused((0..5000).fold(Value::Null, |inner, _| Value::Array(vec![inner]))).await;
        });
    }

    /// What is put around a tree.
    #[derive(Clone, Copy, Debug)]
    enum Around {
        Left,
        Right,
        List,
        Map,
        Named,
        Wrapped,
        Queue,
    }

    fn put(around: Around, inner: Tree) -> Tree {
        let leaf = || Box::new(Tree::Number(7));
        match around {
            Around::Left => Tree::Pair(Box::new(inner), leaf()),
            Around::Right => Tree::Pair(leaf(), Box::new(inner)),
            Around::List => Tree::List(vec![Tree::Leaf, inner, Tree::Leaf]),
            Around::Map => Tree::Map(BTreeMap::from([("a".to_owned(), Tree::Leaf), ("b".to_owned(), inner)])),
            Around::Named => Tree::Named { name: "name".to_owned(), inner: Some(Box::new(inner)) },
            Around::Wrapped => Tree::Wrapped(Wrapped(Box::new(inner))),
            Around::Queue => Tree::Queue(VecDeque::from([(7, inner)])),
        }
    }

    /// Trees about as deep as is allowed: one that can be set can be read, and one that can't says that it is too deep.
    #[test]
    fn of_any_tree_that_can_be_set_can_be_read() {
        let around = prop_oneof![
            Just(Around::Left),
            Just(Around::Right),
            Just(Around::List),
            Just(Around::Map),
            Just(Around::Named),
            Just(Around::Wrapped),
            Just(Around::Queue)
        ];
        let runtime = runtime();
        let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(500) });
        let (set, refused) = (Cell::new(0), Cell::new(0));
        let result = runner.run(&proptest::collection::vec(around, 0..140), |path| {
            let tree = path.into_iter().fold(Tree::Leaf, |inner, around| put(around, inner));
            let stored = runtime.block_on(Stored::new());
            let session: Session<Kept<Tree>> = runtime.block_on(stored.open());
            match runtime.block_on(async { session.set_value(tree.clone()).await }) {
                Ok(()) => {
                    set.set(set.get() + 1);
                    let session: Session<Kept<Tree>> = runtime.block_on(stored.open());
                    prop_assert_eq!(runtime.block_on(session.value()).unwrap(), Some(tree.clone()));
                }
                Err(error) => {
                    refused.set(refused.get() + 1);
                    prop_assert!(text(&error).contains("more than 128 values inside each other"), "{}", text(&error));
                }
            }
            let session: Session<KeptAsJson<Tree>> = runtime.block_on(stored.open());
            if runtime.block_on(async { session.set_value(tree.clone()).await }).is_ok() {
                let session: Session<KeptAsJson<Tree>> = runtime.block_on(stored.open());
                prop_assert_eq!(runtime.block_on(session.value()).unwrap(), Some(tree));
            }
            Ok(())
        });
        result.unwrap();
        assert!(set.get() > 50 && refused.get() > 50, "about as deep as is allowed: {set:?} set, {refused:?} refused");
    }
}

mod size {
    use super::*;

    /// The longest text that fits is read, one with one letter more is refused.
    async fn ends_at<S: SessionData>(field: Field<S, String>, around: usize) {
        let stored = Stored::new().await;
        let session: Session<S> = stored.open().await;
        let longest = "a".repeat(LIMIT - around);
        session.set(&field, longest.clone()).await.unwrap();
        let bytes = stored.bytes("value").await;
        assert_eq!(bytes.as_ref().unwrap().len(), LIMIT);
        assert!(stored.open::<S>().await.get(&field).await.unwrap().is_some_and(|text| text == longest));
        for error in [
            session.set(&field, format!("{longest}a")).await.unwrap_err(),
            session.update(&field, |text| text.as_mut().unwrap().push('a')).await.unwrap_err(),
        ] {
            match error {
                SessionError::TooLarge { field: "value", size, limit, .. } => {
                    assert_eq!((size, limit), (LIMIT + 1, LIMIT))
                }
                other => panic!("expected TooLarge, got {other:?}"),
            }
        }
        assert_eq!(stored.bytes("value").await, bytes);
    }

    #[tokio::test]
    async fn ends_at_eight_mebibytes_with_the_envelope() {
        // The length takes five bytes, the quotes two.
        ends_at(Kept::<String>::VALUE, ENVELOPE + 5).await;
        ends_at(KeptAsJson::<String>::VALUE, ENVELOPE + 2).await;
    }

    /// Numbers that are much larger in memory than stored.
    #[tokio::test]
    async fn counts_the_stored_bytes_and_not_the_memory() {
        let stored = Stored::new().await;
        let count = LIMIT - ENVELOPE - 5;
        stored.open::<Kept<Vec<u128>>>().await.set_value(vec![0; count]).await.unwrap();
        let read = stored.open::<Kept<Vec<u128>>>().await.value().await.unwrap().unwrap();
        assert!(read.len() == count && read.iter().all(|number| *number == 0));
    }

    #[tokio::test]
    async fn of_stored_bytes_that_are_too_many_is_an_error() {
        let fields = in_bincode::<String>();
        let stored = with_other(fields.1).await;
        let mut bytes = bytes_of(fields.0, "a".repeat(LIMIT - ENVELOPE - 5)).await;
        assert_eq!(bytes.len(), LIMIT);
        // One letter more, and the length says so.
        bytes.push(b'a');
        let length = u32::try_from(LIMIT - ENVELOPE - 4).unwrap().to_le_bytes();
        bytes[ENVELOPE + 1..ENVELOPE + 5].copy_from_slice(&length);
        let read = read(&stored, fields, bytes).await;
        assert!(matches!(read, Err(SessionError::Decode { .. })), "{:?}", read.map(|text| text.len()));
    }
}
