//! Types that a codec writes but can't read back are refused when they are set, not when they are asked for.

use std::any::type_name;
use std::collections::{BTreeMap, HashMap};
use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Number, Value, json};
use session_runtime::{SessionData, SessionError};

use crate::stored::{Kept, KeptAsJson, Storable, Stored, text};

const REMEDY: &str = "add `#[session(codec = \"json\")]` to the field";

/// Sets and updates the field: both are refused with words that say this, and nothing is stored.
async fn is_refused<V: Storable>(value: V, says: &[&str]) {
    let stored = Stored::new().await;
    let session = stored.open::<Kept<V>>().await;
    let errors = [
        session.set_value(value.clone()).await.unwrap_err(),
        session.update_value(|slot| *slot = Some(value.clone())).await.unwrap_err(),
        stored.open::<Kept<V>>().await.buffered().set_value(value).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
        let text = text(&error);
        for part in [says, &[type_name::<V>()]].concat() {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }
    assert_eq!(stored.bytes("value").await, None);
    session.set_other(7).await.unwrap();
    assert_eq!(stored.open::<Kept<V>>().await.other().await.unwrap(), 7);
}

/// The same for a field in JSON.
async fn is_refused_in_json<V: Storable>(value: V) {
    let stored = Stored::new().await;
    let session = stored.open::<KeptAsJson<V>>().await;
    for result in
        [session.set_value(value.clone()).await, session.update_value(|slot| *slot = Some(value.clone())).await]
    {
        assert!(matches!(result, Err(SessionError::Encode { field: "value", .. })), "{result:?}");
    }
    assert_eq!(stored.bytes("value").await, None);
}

async fn works<V: Storable>(value: V) {
    let stored = Stored::new().await;
    stored.open::<Kept<V>>().await.set_value(value.clone()).await.unwrap();
    assert_eq!(stored.open::<Kept<V>>().await.value().await.unwrap(), Some(value));
}

async fn works_in_json<V: Storable>(value: V) {
    let stored = Stored::new().await;
    stored.open::<KeptAsJson<V>>().await.set_value(value.clone()).await.unwrap();
    assert_eq!(stored.open::<KeptAsJson<V>>().await.value().await.unwrap(), Some(value));
}

/// Each is refused in bincode, by its name and with the remedy, and works with the remedy.
macro_rules! need_json {
    ($($name:ident: $({ $item:item })? $type:ty = [$($value:expr),+];)*) => {
        mod needs_json {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    $(
                        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                        $item
                    )?
                    for value in [$($value),+] {
                        let value: $type = value;
                        is_refused(value.clone(), &[REMEDY]).await;
                        works_in_json(value).await;
                    }
                }
            )*
        }
    };
}

need_json! {
    an_untagged_enum:
        { #[serde(untagged)] enum Id { Number(u32), Text(String) } } Id = [Id::Number(7), Id::Text("a".into())];
    an_internally_tagged_enum:
        { #[serde(tag = "kind")] enum Event { Nothing, Sent { to: String } } } Event
        = [Event::Nothing, Event::Sent { to: "Ada".into() }];
    an_adjacently_tagged_enum:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Sent(u8, u8), Paid { at: u32 } } } Event
        = [Event::Nothing, Event::Sent(1, 2), Event::Paid { at: 7 }];
    a_tagged_struct: { #[serde(tag = "kind")] struct Item { name: String } } Item = [Item { name: "tea".into() }];
    a_flattened_struct:
        { struct Page { title: String, #[serde(flatten)] size: Size } } Page
        = [Page { title: "a".into(), size: Size { width: 7 } }];
    a_flattened_map:
        { struct Page { title: String, #[serde(flatten)] rest: BTreeMap<String, Value> } } Page
        = [Page { title: "a".into(), rest: BTreeMap::from([("b".into(), json!([1, "c"]))]) }];
    a_value_of_any_kind: Value = [json!(null), json!({ "a": [1, 2.5, "b", null, true] })];
    an_object_of_any_kind: Map<String, Value> = [Map::from_iter([("a".to_owned(), json!(7))])];
    a_number_of_any_kind: Number = [7.into()];
    a_value_deep_inside:
        { struct Page { notes: Vec<Option<HashMap<u8, (u8, Value)>>> } } Page
        = [Page { notes: vec![] }, Page { notes: vec![None, Some(HashMap::from([(1, (2, json!("a")))]))] }];
    a_value_in_a_variant:
        { enum Note { Nothing, Any(Value) } } Note = [Note::Nothing, Note::Any(json!(7))];
    a_type_that_takes_a_text_or_a_number: Lenient = [Lenient(7)];
    a_field_that_takes_a_text_or_a_number:
        { struct Count { count: Lenient } } Count = [Count { count: Lenient(7) }];
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Size {
    width: u32,
}

/// Is written as a text, and read from a text or a number.
#[derive(Clone, Debug, PartialEq)]
struct Lenient(u64);

impl Serialize for Lenient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Lenient {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrNumber;

        impl Visitor<'_> for TextOrNumber {
            type Value = Lenient;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a text that is one")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Lenient, E> {
                Ok(Lenient(number))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Lenient, E> {
                text.parse().map(Lenient).map_err(E::custom)
            }
        }

        deserializer.deserialize_any(TextOrNumber)
    }
}

mod skipped;

mod one_sided;

mod readable;

/// A heap can't be compared, as `Kept` wants its values.
#[derive(SessionData)]
struct Heap {
    heap: std::collections::BinaryHeap<u8>,
}

mod in_json;
