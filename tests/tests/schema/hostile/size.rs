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

/// However many its parts are.
#[tokio::test]
async fn of_bytes_that_are_too_many_is_told() {
    let stored = Stored::new().await;
    let (bincode, json) = (stored.open::<Kept<Vec<u8>>>().await, stored.open::<KeptAsJson<Vec<u8>>>().await);
    for refused in [bincode.set_value(vec![0; 9 << 20]).await, json.set_value(vec![0; 9 << 20]).await] {
        assert!(matches!(refused, Err(SessionError::TooLarge { field: "value", limit: 8_388_608, .. })), "{refused:?}");
    }
}
