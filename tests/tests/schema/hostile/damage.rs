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
