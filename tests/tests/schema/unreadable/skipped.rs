use super::*;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Item {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<String>,
    count: u32,
}

fn item(note: Option<&str>) -> Item {
    Item { name: "tea".into(), note: note.map(str::to_owned), count: 7 }
}

#[tokio::test]
async fn a_value_that_leaves_out_a_field_is_refused() {
    let says = ["leaves out its field `note`", "remove `skip_serializing_if`", REMEDY];
    is_refused(item(None), &says).await;
    is_refused(vec![item(Some("a")), item(None)], &says).await;
    works_in_json(item(None)).await;
}

#[tokio::test]
async fn a_value_that_leaves_out_nothing_is_stored_and_read() {
    works(item(Some("green"))).await;
    works(vec![item(Some("green")), item(Some("black"))]).await;
    works(Vec::<Item>::new()).await;
    works_in_json(vec![item(Some("green")), item(None)]).await;
}

#[tokio::test]
async fn a_refused_value_leaves_what_was_there() {
    let stored = Stored::new().await;
    let session = stored.open::<Kept<Item>>().await;
    session.set_value(item(Some("green"))).await.unwrap();
    let bytes = stored.bytes("value").await;
    assert!(session.set_value(item(None)).await.is_err());
    assert!(session.update_value(|value| value.as_mut().unwrap().note = None).await.is_err());
    assert_eq!(session.value().await.unwrap(), Some(item(Some("green"))));
    assert_eq!(stored.bytes("value").await, bytes);
}

#[tokio::test]
async fn the_last_field_is_noticed_too() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Event {
        Sent {
            to: u8,
            #[serde(default, skip_serializing_if = "Vec::is_empty")]
            notes: Vec<u8>,
        },
    }

    is_refused(Event::Sent { to: 1, notes: vec![] }, &["leaves out its field `notes`", REMEDY]).await;
    works(Event::Sent { to: 1, notes: vec![2] }).await;
    works_in_json(Event::Sent { to: 1, notes: vec![] }).await;
}

#[tokio::test]
async fn a_field_that_is_never_written_but_read_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Cached {
        name: String,
        #[serde(skip_serializing, default)]
        length: usize,
    }

    is_refused(Cached { name: "tea".into(), length: 0 }, &["leaves out its field `length`", REMEDY]).await;
    works_in_json(Cached { name: "tea".into(), length: 0 }).await;
}

#[tokio::test]
async fn a_field_that_is_written_but_never_read_is_refused() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Counted {
        #[serde(skip_deserializing)]
        length: usize,
        name: String,
    }

    is_refused(Counted { name: "tea".into(), length: 0 }, &["the field `length`", REMEDY]).await;
    works_in_json(Counted { name: "tea".into(), length: 0 }).await;
}

/// What serde knows nothing of is its default when it is read.
#[tokio::test]
async fn a_field_that_is_neither_written_nor_read_is_its_default() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    struct Cached {
        #[serde(skip)]
        seen: bool,
        name: String,
        #[serde(skip, default = "seven")]
        length: usize,
    }

    fn seven() -> usize {
        7
    }

    let cached = Cached { seen: false, name: "tea".into(), length: 7 };
    works(cached.clone()).await;
    works_in_json(cached).await;
    let stored = Stored::new().await;
    let session = stored.open::<Kept<Cached>>().await;
    session.set_value(Cached { seen: true, name: "tea".into(), length: 3 }).await.unwrap();
    let read = session.value().await.unwrap().unwrap();
    assert_eq!((read.seen, read.length), (false, 7));
}

#[tokio::test]
async fn a_variant_may_be_skipped_at_the_end() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Status {
        Open,
        Paid(u8),
        #[serde(skip)]
        Hidden,
    }

    works(vec![Status::Open, Status::Paid(7)]).await;
    works_in_json(vec![Status::Open, Status::Paid(7)]).await;
    is_refused_in_json(Status::Hidden).await;
    let stored = Stored::new().await;
    let session = stored.open::<Kept<Status>>().await;
    assert!(matches!(session.set_value(Status::Hidden).await, Err(SessionError::Encode { field: "value", .. })));
    assert_eq!(stored.bytes("value").await, None);
}

/// Variants have other numbers when they are read then: serde counts the skipped one only when it writes.
#[tokio::test]
async fn variants_after_a_skipped_one_need_json() {
    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    enum Status {
        Open,
        #[serde(skip)]
        Hidden,
        Paid(u8),
        Sent(u8),
    }

    works(Status::Open).await;
    is_refused(Status::Paid(7), &["the variant `Paid`", REMEDY]).await;
    is_refused(vec![Status::Open, Status::Sent(7)], &["the variant `Sent`", REMEDY]).await;
    works_in_json(vec![Status::Open, Status::Paid(7), Status::Sent(7)]).await;
    is_refused_in_json(Status::Hidden).await;
}
