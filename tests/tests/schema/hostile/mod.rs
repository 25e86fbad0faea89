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

mod damage;

mod lengths;

mod depth;

mod size;
