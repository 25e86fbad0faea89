//! Every way in which a type can change, at every depth: a value is read as what it was written as, or it is refused and its
//! bytes stay. No row of these tables ever gives a wrong value.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use session_runtime::{Field, SessionData, SessionError};

use crate::stored::{Kept, KeptAsJson, Storable, Stored};

mod checked;
mod deep;
mod enums;
mod json;
mod same;
mod structs;
mod wrapped;

/// What a program with the type after the change gets.
#[derive(Clone, Debug)]
pub(super) enum Expected<A> {
    Reads(A),
    /// `SessionError::Schema`: the shapes differ.
    Refused,
    /// `SessionError::Decode`: the shapes are the same, but the type after the change does not take this value.
    Invalid,
}

use Expected::{Invalid, Reads, Refused};

impl<A> Expected<A> {
    fn inside<B>(&self, put: impl FnOnce(A) -> B) -> Expected<B>
    where
        A: Clone,
    {
        match self {
            Reads(value) => Reads(put(value.clone())),
            Refused => Refused,
            Invalid => Invalid,
        }
    }
}

/// Writes with one schema and reads with the other.
async fn change<S: SessionData, T: SessionData, B: Storable, A: Storable>(
    before: Field<S, B>,
    after: Field<T, A>,
    value: B,
    expected: Expected<A>,
) {
    let stored = Stored::new().await;
    stored.open::<S>().await.set(&before, value.clone()).await.unwrap();
    let bytes = stored.bytes("value").await;
    let read = stored.open::<T>().await.get(&after).await;
    let is_expected = match (&expected, &read) {
        (Reads(expected), Ok(Some(read))) => read == expected,
        (Refused, Err(SessionError::Schema { field: "value", stored, expected, .. })) => stored != expected,
        (Invalid, Err(SessionError::Decode { field: "value", .. })) => true,
        _ => false,
    };
    assert!(is_expected, "expected {expected:?}, got {read:?} from {value:?}");
    assert_eq!(stored.bytes("value").await, bytes, "the bytes stay");
    assert_eq!(stored.open::<S>().await.get(&before).await.unwrap(), Some(value));
}

/// Whatever is asked of the field, a value that can't be read is no value and is not overwritten.
#[tokio::test]
async fn a_refused_value_is_refused_by_every_call() {
    async fn refused<A: Storable>(value: String, is_expected: impl Fn(&SessionError) -> bool) {
        let stored = Stored::new().await;
        stored.open::<Kept<String>>().await.set_value(value).await.unwrap();
        let bytes = stored.bytes("value").await;
        let session = stored.open::<Kept<A>>().await;
        session.set_other(7).await.unwrap();
        for result in [
            session.value().await.map(drop),
            session.get(&Kept::<A>::VALUE).await.map(drop),
            session.update_value(|_| unreachable!("nothing was read")).await,
            session.take_value().await.map(drop),
            session.snapshot().await.map(drop),
        ] {
            assert!(result.as_ref().is_err_and(&is_expected), "{result:?}");
        }
        assert!(session.has_value().await.unwrap());
        assert_eq!(session.keys().await.unwrap(), ["value", "other"]);
        assert_eq!(session.other().await.unwrap(), 7, "other fields go on working");
        assert_eq!(stored.bytes("value").await, bytes);
        session.remove_value().await.unwrap();
        assert_eq!(stored.open::<Kept<A>>().await.value().await.unwrap(), None);
    }

    refused::<u32>("tea".into(), |error| matches!(error, SessionError::Schema { field: "value", .. })).await;
    refused::<url::Url>("tea".into(), |error| matches!(error, SessionError::Decode { field: "value", .. })).await;
}

/// What is wrong can be read from the error: both shapes, and nothing of the value.
#[tokio::test]
async fn the_error_names_both_shapes() {
    let stored = Stored::new().await;
    stored.open::<Kept<String>>().await.set_value("confidential".into()).await.unwrap();
    let error = stored.open::<KeptAsJson<Around<u8>>>().await.value().await.unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("(version 1, bincode)") && text.contains("(version 1, json)"), "{text}");
    assert!(text.contains("{before: u8, value: u8, after: str}") && text.contains("session field `value`"), "{text}");
    assert!(!text.contains("confidential"), "{text}");
}

/// A struct whose part in the middle changes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Around<V> {
    before: u8,
    value: V,
    after: String,
}

/// An enum whose contents change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Choice<V> {
    Nothing,
    One(V),
    Two(u8, V),
    Named { name: String, value: V },
}

/// A newtype around what changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Wrapped<V>(V);

fn around<V>(value: V) -> Around<V> {
    Around { before: 7, value, after: "after".to_owned() }
}

fn named<V>(value: V) -> Choice<V> {
    Choice::Named { name: "named".to_owned(), value }
}

/// One of each kind of type, inside each other: a change at the bottom that any of them hid would go unnoticed.
type Deep<V> = HashMap<String, (bool, Vec<Option<[Choice<Around<Wrapped<Box<V>>>>; 1]>>)>;

fn deep<V>(value: V) -> Deep<V> {
    let inner = [named(around(Wrapped(Box::new(value))))];
    HashMap::from([("deep".to_owned(), (true, vec![None, Some(inner)]))])
}

/// The whole value changes.
pub(super) async fn whole<B: Storable, A: Storable>(value: B, expected: Expected<A>) {
    change(Kept::VALUE, Kept::VALUE, value, expected).await;
}

/// The whole value changes, and a part deep inside a value.
pub(super) async fn at_every_depth<B: Storable, A: Storable>(value: B, expected: Expected<A>) {
    whole(deep(value.clone()), expected.inside(deep)).await;
    whole(value, expected).await;
}

/// The whole value changes, in JSON.
pub(super) async fn whole_in_json<B: Storable, A: Storable>(value: B, expected: Expected<A>) {
    change(KeptAsJson::VALUE, KeptAsJson::VALUE, value, expected).await;
}

/// What is expected where a value would be of this type.
pub(super) fn refused_for<A>(_: &A) -> Expected<A> {
    Refused
}

/// One test per place that a type can have in another: what changes there is noticed, and a newtype there is nothing.
macro_rules! in_each_place {
    ($($name:ident: $value:ident => $around:expr;)*) => {
        mod in_each_place {
            use super::*;

            $(
                #[tokio::test]
                async fn $name() {
                    let [number, same] = std::array::from_fn(|_| {
                        let $value = 1_u8;
                        $around
                    });
                    let flag = {
                        let $value = true;
                        $around
                    };
                    let wrapped = {
                        let $value = Wrapped(1_u8);
                        $around
                    };
                    change(Kept::VALUE, Kept::VALUE, number.clone(), refused_for(&flag)).await;
                    change(Kept::VALUE, Kept::VALUE, number.clone(), Reads(wrapped)).await;
                    change(KeptAsJson::VALUE, KeptAsJson::VALUE, number.clone(), refused_for(&flag)).await;
                    change(KeptAsJson::VALUE, KeptAsJson::VALUE, number, Reads(same)).await;
                }
            )*
        }
    };
}

in_each_place! {
    the_whole: value => value;
    a_newtype: value => Wrapped(value);
    a_struct: value => around(value);
    a_list: value => vec![value];
    a_list_in_a_list: value => vec![vec![value]];
    an_empty_list: value => [value].into_iter().skip(1).collect::<Vec<_>>();
    an_array: value => [value];
    an_option: value => Some(value);
    an_option_without_a_value: value => Some(value).filter(|_| false);
    a_maps_value: value => BTreeMap::from([(7_u8, value)]);
    a_maps_key: value => BTreeMap::from([(value, 7_u8)]);
    a_set: value => BTreeSet::from([value]);
    the_beginning_of_a_tuple: value => (value, 7_u8);
    the_end_of_a_tuple: value => ("tea".to_owned(), 7_u8, value);
    a_newtype_variant: value => Choice::One(value);
    a_tuple_variant: value => Choice::Two(7, value);
    a_struct_variant: value => named(value);
    another_variant: value => [Choice::Nothing, Choice::One(value)].into_iter().next().unwrap();
    a_result: value => Ok::<_, String>(value);
    a_results_error: value => Err::<String, _>(value);
}

/// One test per row: its name, the type before, a value of it, the type after, and what is expected. A type that is made
/// for the row stands before its name, in braces.
macro_rules! changes {
    ($how:path; $($(#[$meta:meta])* $name:ident:
        $({ $before:item })? $before_type:ty = $value:expr
        => $({ $after:item })? $after_type:ty: $expected:expr;)*) => {$(
        $(#[$meta])*
        #[tokio::test]
        async fn $name() {
            $(
                #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                $before
            )?
            let value: $before_type = $value;
            {
                // It may have the name of the type before: names of types mean nothing.
                $(
                    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
                    $after
                )?
                let expected: Expected<$after_type> = $expected;
                $how(value, expected).await;
            }
        }
    )*};
}

pub(super) use changes;
