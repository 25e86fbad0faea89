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

mod skipped {
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
}

mod one_sided {
    use super::*;

    #[tokio::test]
    async fn a_field_with_two_names_is_refused() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Item {
            #[serde(rename(serialize = "title", deserialize = "name"))]
            name: String,
        }

        is_refused(Item { name: "tea".into() }, &["the field `title`", REMEDY]).await;
        // JSON can't help either, and says so.
        is_refused_in_json(Item { name: "tea".into() }).await;
    }

    #[tokio::test]
    async fn a_variant_with_two_names_is_refused() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        enum Status {
            #[serde(rename(serialize = "open", deserialize = "Open"))]
            Open,
            Paid,
        }

        is_refused(Status::Open, &["the variant `open`", REMEDY]).await;
        works(Status::Paid).await;
        is_refused_in_json(Status::Open).await;
        works_in_json(Status::Paid).await;
    }

    #[tokio::test]
    async fn a_second_name_that_is_read_makes_it_whole() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Item {
            #[serde(rename(serialize = "title", deserialize = "name"), alias = "title")]
            name: String,
        }

        works(Item { name: "tea".into() }).await;
        works_in_json(Item { name: "tea".into() }).await;
    }

    /// Is written as one type and read as another.
    macro_rules! one_sided {
        ($name:ident, $write:expr, $read:ty) => {
            #[derive(Clone, Debug, PartialEq)]
            struct $name;

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    $write.serialize(serializer)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    <$read>::deserialize(deserializer).map(|_| Self)
                }
            }
        };
    }

    /// In bincode they would be read as something, and what comes after them as something else.
    #[tokio::test]
    async fn a_type_that_is_written_as_another_than_it_is_read_is_refused() {
        one_sided!(NumberAsNumber, 7_u32, u64);
        one_sided!(NumberAsText, "7", u64);
        one_sided!(TextAsNumber, 7_u64, String);
        one_sided!(ListAsTuple, vec![7_u8], (u8,));
        one_sided!(TupleAsList, (1_u8, 2_u8), Vec<u8>);
        one_sided!(LongerTuple, (1_u8, 2_u8), (u8, u8, u8));
        one_sided!(ShorterTuple, (1_u8, 2_u8), (u8,));
        one_sided!(ValueAsOption, 7_u8, Option<u8>);
        one_sided!(OptionAsValue, Some(7_u8), u8);
        one_sided!(MapAsStruct, BTreeMap::from([("width", 7_u32)]), Size);
        one_sided!(StructAsMap, Size { width: 7 }, BTreeMap<String, u32>);
        one_sided!(Nothing, (), u8);
        one_sided!(Something, 7_u8, ());
        one_sided!(OtherVariant, Result::<u8, u8>::Ok(7), Result<u16, u8>);

        is_refused(NumberAsNumber, &["u32", REMEDY]).await;
        is_refused(NumberAsText, &["str", REMEDY]).await;
        is_refused(TextAsNumber, &["u64", REMEDY]).await;
        is_refused(ListAsTuple, &["a list", REMEDY]).await;
        is_refused(TupleAsList, &["a tuple of 2", REMEDY]).await;
        is_refused(LongerTuple, &["a tuple of 2", REMEDY]).await;
        is_refused(ShorterTuple, &["a tuple of 2", REMEDY]).await;
        is_refused(ValueAsOption, &["u8", REMEDY]).await;
        is_refused(OptionAsValue, &["an `Option`", REMEDY]).await;
        is_refused(MapAsStruct, &["a map", REMEDY]).await;
        is_refused(StructAsMap, &["a struct", REMEDY]).await;
        is_refused(Nothing, &["nothing", REMEDY]).await;
        is_refused(Something, &["u8", REMEDY]).await;
        is_refused(OtherVariant, &["u8", REMEDY]).await;
        is_refused(BTreeMap::from([(1_u8, vec![Some(NumberAsText)])]), &["str", REMEDY]).await;
        // JSON reads some of them, and refuses the others when they are set.
        works_in_json(NumberAsNumber).await;
        works_in_json(ListAsTuple).await;
        works_in_json(TupleAsList).await;
        works_in_json(ValueAsOption).await;
        works_in_json(OptionAsValue).await;
        works_in_json(MapAsStruct).await;
        works_in_json(StructAsMap).await;
        is_refused_in_json(NumberAsText).await;
        is_refused_in_json(TextAsNumber).await;
        is_refused_in_json(LongerTuple).await;
        is_refused_in_json(Nothing).await;
    }
}

mod readable {
    use super::*;

    #[tokio::test]
    async fn second_names_of_fields_and_variants_are_read() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Item {
            #[serde(alias = "title", alias = "Name")]
            name: String,
            count: u8,
            #[serde(alias = "a", rename = "zz")]
            kind: Kind,
        }

        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        enum Kind {
            #[serde(alias = "Loose", alias = "aaa")]
            Leaf(u8),
            Bag,
            #[serde(alias = "tin", rename = "can")]
            Tin {
                #[serde(alias = "of")]
                metal: String,
            },
        }

        for kind in [Kind::Leaf(7), Kind::Bag, Kind::Tin { metal: "steel".into() }] {
            let item = Item { name: "tea".into(), count: 7, kind };
            works(item.clone()).await;
            works_in_json(vec![item]).await;
        }
    }

    #[tokio::test]
    async fn modules_of_ones_own_read_what_they_write() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct File {
            #[serde(with = "as_bytes")]
            content: Vec<u8>,
            #[serde(with = "as_hex")]
            hash: [u8; 2],
            #[serde(with = "as_pairs")]
            sizes: BTreeMap<u8, u8>,
            name: String,
        }

        let file = File {
            content: vec![0, 255, 7],
            hash: [0xab, 0x01],
            sizes: BTreeMap::from([(1, 2), (3, 4)]),
            name: "tea".into(),
        };
        works(file.clone()).await;
        works_in_json(vec![file]).await;
    }

    /// Written as bytes, not as a list of numbers.
    mod as_bytes {
        use super::*;

        pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(bytes)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
            struct Bytes;

            impl<'de> Visitor<'de> for Bytes {
                type Value = Vec<u8>;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("bytes")
                }

                fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                    Ok(bytes.to_vec())
                }

                fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Vec<u8>, A::Error> {
                    std::iter::from_fn(|| access.next_element().transpose()).collect()
                }
            }

            deserializer.deserialize_bytes(Bytes)
        }
    }

    mod as_hex {
        use super::*;

        pub(super) fn serialize<S: Serializer>(bytes: &[u8; 2], serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(&format_args!("{:04x}", u16::from_be_bytes(*bytes)))
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 2], D::Error> {
            let text = String::deserialize(deserializer)?;
            u16::from_str_radix(&text, 16).map(u16::to_be_bytes).map_err(de::Error::custom)
        }
    }

    mod as_pairs {
        use super::*;

        pub(super) fn serialize<S: Serializer>(map: &BTreeMap<u8, u8>, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_seq(map)
        }

        pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<u8, u8>, D::Error> {
            Ok(Vec::<(u8, u8)>::deserialize(deserializer)?.into_iter().collect())
        }
    }

    #[tokio::test]
    async fn the_largest_numbers_are_read() {
        let numbers = (i128::MIN, i128::MAX, u128::MAX, (u64::MAX, i64::MIN));
        works(numbers).await;
        works_in_json(numbers).await;
    }

    /// Infinite numbers and those that are none are values of bincode.
    #[tokio::test]
    async fn all_floating_numbers_are_read_in_bincode() {
        works((f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE, f32::MAX, 5e-324)).await;
        let stored = Stored::new().await;
        let session = stored.open::<Kept<(f64, f64)>>().await;
        session.set_value((f64::NAN, -0.0)).await.unwrap();
        let (not_a_number, zero) = session.value().await.unwrap().unwrap();
        assert!(not_a_number.is_nan() && zero == 0.0 && zero.is_sign_negative());
    }

    #[tokio::test]
    async fn types_of_the_standard_library_are_read() {
        use std::cmp::Reverse;
        use std::collections::{BTreeSet, BinaryHeap, LinkedList, VecDeque};
        use std::ffi::{CString, OsString};
        use std::marker::PhantomData;
        use std::net::{IpAddr, Ipv6Addr, SocketAddr};
        use std::num::Wrapping;
        use std::ops::{Bound, Range, RangeInclusive};
        use std::path::PathBuf;
        use std::time::{Duration, SystemTime};

        let address = IpAddr::from(Ipv6Addr::LOCALHOST);
        works((Bound::Excluded(7_u8), Ok::<u8, String>(7), Err::<u8, _>("a".to_owned()), 7_u8)).await;
        works::<(Range<u8>, RangeInclusive<u8>, u8)>((1..7, 1..=7, 7)).await;
        works((Wrapping(7_u8), Reverse(7_u8), PhantomData::<u8>, (), Box::new(7_u8), 'a')).await;
        works((PathBuf::from("/tea"), OsString::from("tea"), c"tea".to_owned(), CString::default(), 7_u8)).await;
        works((address, SocketAddr::new(address, 80), Duration::new(7, 8), SystemTime::UNIX_EPOCH, 7_u8)).await;
        works((VecDeque::from([7_u8]), LinkedList::from([7_u8]), BTreeSet::from([7_u8]), [(); 3], 7_u8)).await;
        works(vec![Some(Some(())), Some(None), None]).await;
        let stored = Stored::new().await;
        let session = stored.open::<super::Heap>().await;
        session.set_heap(BinaryHeap::from([1, 3, 2])).await.unwrap();
        assert_eq!(session.heap().await.unwrap().into_sorted_vec(), [1, 2, 3]);
    }
}

/// A heap can't be compared, as `Kept` wants its values.
#[derive(SessionData)]
struct Heap {
    heap: std::collections::BinaryHeap<u8>,
}

mod in_json {
    use super::*;

    #[tokio::test]
    async fn a_number_that_json_has_not_is_refused() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        struct Point {
            x: f64,
            y: f32,
        }

        is_refused_in_json(f64::NAN).await;
        is_refused_in_json(f64::INFINITY).await;
        is_refused_in_json(vec![1.0, f32::NAN]).await;
        is_refused_in_json(Point { x: 1.0, y: f32::NEG_INFINITY }).await;
        works_in_json(Point { x: -0.5, y: f32::MAX }).await;
    }

    /// To the last bit: a reader that is only nearly exact gives another number for about one in ten.
    #[tokio::test]
    async fn a_floating_number_is_read_as_it_was() {
        works_in_json((31.245270191439438, 1.0044444444444443, 5e-324, f64::MAX, -0.0)).await;
        // Spread over all exponents, the same in each run.
        let bits = (0..20_000_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        works_in_json(bits.map(f64::from_bits).filter(|number| number.is_finite()).collect::<Vec<_>>()).await;
    }

    #[tokio::test]
    async fn a_key_that_is_no_text_is_refused() {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        struct Place {
            row: u8,
        }

        is_refused_in_json(HashMap::from([((1, 2), 7)])).await;
        is_refused_in_json(HashMap::from([(vec![1], 7)])).await;
        is_refused_in_json(HashMap::from([(Place { row: 1 }, 7)])).await;
        is_refused_in_json(HashMap::from([((), 7)])).await;
        works(HashMap::from([((1, 2), 7)])).await;
        works(HashMap::from([(Place { row: 1 }, 7)])).await;
    }

    #[tokio::test]
    async fn a_key_that_can_be_a_text_is_one() {
        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        enum Size {
            Small,
            Large,
        }

        #[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        struct Id(i64);

        works_in_json(HashMap::from([(u64::MAX, 7)])).await;
        works_in_json(HashMap::from([(i8::MIN, 7)])).await;
        works_in_json(HashMap::from([('a', 7)])).await;
        works_in_json(HashMap::from([(true, 7)])).await;
        works_in_json(HashMap::from([(Id(-7), 7)])).await;
        works_in_json(HashMap::from([(Size::Small, 7), (Size::Large, 8)])).await;
        works_in_json(HashMap::from([(uuid::Uuid::from_u128(7), 7)])).await;
    }

    #[tokio::test]
    async fn large_numbers_where_only_the_value_tells_are_refused() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(untagged)]
        enum Id {
            Number(u128),
            Text(String),
        }

        is_refused_in_json(Id::Number(u128::MAX)).await;
        works_in_json(Id::Text("7".into())).await;
    }

    /// The error says that it can't be read back, not what the value was.
    #[tokio::test]
    async fn the_error_does_not_quote_the_value() {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        struct Picky(String);

        impl TryFrom<String> for Picky {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                Err(format!("{text:?} is never right"))
            }
        }

        impl From<Picky> for String {
            fn from(picky: Picky) -> Self {
                picky.0
            }
        }

        let session = Stored::new().await.open::<KeptAsJson<Picky>>().await;
        let error = session.set_value(Picky("confidential".into())).await.unwrap_err();
        assert!(text(&error).contains("can't be read back"), "{}", text(&error));
        assert!(!format!("{error:?} {}", text(&error)).contains("confidential"));
        // bincode finds out when it reads, and says as little.
        let stored = Stored::new().await;
        stored.open::<Kept<Picky>>().await.set_value(Picky("confidential".into())).await.unwrap();
        let error = stored.open::<Kept<Picky>>().await.value().await.unwrap_err();
        assert!(matches!(error, SessionError::Decode { field: "value", .. }), "{error:?}");
        assert!(!format!("{error:?} {}", text(&error)).contains("confidential"));
    }
}
