//! Values that JSON would give back as others: each is refused when it is set, by the name of its type, and what only looks
//! like them is read as it was.

use std::any::type_name;
use std::collections::BTreeMap;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use session_runtime::SessionError;

use crate::stored::{KeptAsJson, Storable, Stored, text};

const NO_NUMBER: &str = "has an infinity or not-a-number, for which JSON has no word";
const NOTHING_IN_SOME: &str = "has nothing inside a `Some`, which JSON can't tell from `None`";

/// Setting and updating are refused with these words after the type's name, and what was there stays.
async fn refused<V: Storable>(before: V, value: V, why: &str) {
    let stored = Stored::new().await;
    let session = stored.open::<KeptAsJson<V>>().await;
    session.set_value(before).await.unwrap();
    let bytes = stored.bytes("value").await;
    let errors = [
        session.set_value(value.clone()).await.unwrap_err(),
        session.update_value(|slot| *slot = Some(value.clone())).await.unwrap_err(),
        stored.open::<KeptAsJson<V>>().await.buffered().set_value(value).await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, SessionError::Encode { field: "value", .. }), "{error:?}");
        let text = text(&error);
        assert!(text.contains(&format!("`{}` {why}", type_name::<V>())), "{text}");
    }
    assert_eq!(stored.bytes("value").await, bytes);
}

async fn read<V: Storable>(value: V) {
    let stored = Stored::new().await;
    stored.open::<KeptAsJson<V>>().await.set_value(value.clone()).await.unwrap();
    assert_eq!(stored.open::<KeptAsJson<V>>().await.value().await.unwrap(), Some(value));
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Point {
    x: Option<f64>,
    label: Option<Option<u8>>,
}

/// Nothing is written for a newtype: what is inside it is what a `Some` has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Wrapped<V>(V);

/// An infinity in the first variant would be read as the last one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Amount {
    Known(f64),
    Between { least: f32, most: f32 },
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Event {
    Nothing,
    Happened(Option<u8>),
    Measured(Option<f64>, ()),
}

/// Inside an `Option` it would be read as `None`.
#[tokio::test]
async fn a_number_in_some_that_json_has_not_is_refused() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        refused(Some(1.5), Some(number), NO_NUMBER).await;
        refused(vec![None], vec![None, Some(Wrapped(number))], NO_NUMBER).await;
        refused(Point { x: None, label: None }, Point { x: Some(number), label: None }, NO_NUMBER).await;
        refused(Event::Nothing, Event::Measured(Some(number), ()), NO_NUMBER).await;
    }
    refused(Some(1.5), Some(f32::NAN), NO_NUMBER).await;
    refused(BTreeMap::new(), BTreeMap::from([("a".to_owned(), Some(f32::INFINITY))]), NO_NUMBER).await;
}

/// Where it could not be read at all, the reason is the number too.
#[tokio::test]
async fn a_bare_number_that_json_has_not_is_refused() {
    refused(1.5, f64::NAN, NO_NUMBER).await;
    refused(1.5, f32::NEG_INFINITY, NO_NUMBER).await;
    refused((1_u8, 1.5), (1, f64::INFINITY), NO_NUMBER).await;
}

/// An untagged enum would be read as its variant without a value.
#[tokio::test]
async fn a_number_in_an_untagged_enum_that_json_has_not_is_refused() {
    refused(Amount::Unknown, Amount::Known(f64::INFINITY), NO_NUMBER).await;
    refused(Amount::Unknown, Amount::Between { least: 1.0, most: f32::NAN }, NO_NUMBER).await;
    refused(vec![Some(Amount::Known(1.5))], vec![Some(Amount::Known(f64::NAN))], NO_NUMBER).await;
}

/// All of it is `null`, and so is `None`.
#[tokio::test]
async fn nothing_in_some_is_refused() {
    refused(None, Some(None::<u8>), NOTHING_IN_SOME).await;
    refused(None, Some(()), NOTHING_IN_SOME).await;
    refused(None, Some(Some(None::<u8>)), NOTHING_IN_SOME).await;
    refused(None, Some(Some(())), NOTHING_IN_SOME).await;
    refused(None, Some(PhantomData::<u8>), NOTHING_IN_SOME).await;
    refused(None, Some(Box::new(None::<u8>)), NOTHING_IN_SOME).await;
    refused(None, Some(Wrapped(Wrapped(None::<u8>))), NOTHING_IN_SOME).await;
    refused(None, Some(Amount::Unknown), NOTHING_IN_SOME).await;
    refused(None, Some(Value::Null), NOTHING_IN_SOME).await;
    // Deep inside others.
    refused(vec![], vec![None, Some(()), None], NOTHING_IN_SOME).await;
    refused(Point { x: None, label: None }, Point { x: None, label: Some(None) }, NOTHING_IN_SOME).await;
    refused(BTreeMap::new(), BTreeMap::from([(1_u8, (2_u8, Some(None::<u8>)))]), NOTHING_IN_SOME).await;
}

/// `null` that can be read as one thing only.
#[tokio::test]
async fn nothing_elsewhere_is_read() {
    read(None::<f64>).await;
    read(None::<Option<()>>).await;
    read(()).await;
    read(((), 7_u8, None::<u8>)).await;
    read(vec![None, Some(1)]).await;
    read(vec![(), ()]).await;
    read(Amount::Unknown).await;
    read(json!({ "a": null, "b": [null, 1.5] })).await;
    // A `Some` of more than `null`.
    read(Some(vec![()])).await;
    read(Some(vec![None::<u8>])).await;
    read(Some(((), None::<u8>))).await;
    read(Some(Point { x: None, label: None })).await;
    read(Some(Event::Nothing)).await;
    read(Some(Event::Happened(None))).await;
    read(Some(Event::Measured(None, ()))).await;
    read(Some(BTreeMap::from([("a".to_owned(), None::<u8>)]))).await;
}

/// Ordinary numbers, however large or small, and options that have something.
#[tokio::test]
async fn what_json_has_a_word_for_is_read() {
    read(Some(1.5)).await;
    read(vec![Some(f64::MAX), Some(f64::MIN), Some(-0.0), Some(5e-324), None]).await;
    read(Some(f32::MAX)).await;
    read(Some(Some(Some(1)))).await;
    read(Some(Wrapped(Some(1)))).await;
    read(Some(String::new())).await;
    read(Some(Amount::Known(1.5))).await;
    read(Amount::Between { least: -1.5, most: f32::MAX }).await;
    read(Point { x: Some(-1.5), label: Some(Some(1)) }).await;
    read(vec![Event::Happened(Some(1)), Event::Measured(Some(1.5), ())]).await;
}
