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
