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
        refuses(in_json(), Maps { inner: BTreeMap::new() }, around(r#"{"inner":{"a":"#, r#"{"inner":{}}"#, "}}")).await;
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

/// Refuses all that is made up for it, and so hides what it stands beside in a tuple.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String")]
struct Code(String);

impl TryFrom<String> for Code {
    type Error = &'static str;

    fn try_from(code: String) -> Result<Self, Self::Error> {
        if code.starts_with("A-") { Ok(Self(code)) } else { Err("no code") }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rule(Code, Vec<Rule>);

/// Its field is in JSON, for bincode can't know it; whoever writes to the store says that it is bincode.
#[test]
fn of_what_is_not_known_to_contain_itself_is_bounded_too() {
    // The fingerprint of `(str, …)`.
    const WRITTEN: [u8; 10] = [1, 1, 0xe7, 0x5e, 0x98, 0x40, 0x1c, 0xd4, 0x4f, 0x19];
    on_a_small_stack(async {
        let stored = with_other(in_json::<Rule>().1).await;
        for levels in [10, 100, 10_000, 900_000] {
            let bytes = [&WRITTEN[..], &nested(b"\x03A-1\x01", levels, b"\x03A-1\x00")].concat();
            let read = read(&stored, in_json::<Rule>(), bytes).await;
            assert_eq!(read.is_ok(), levels == 10, "{levels} levels: {:?}", read.err());
        }
    });
}
