//! Changes that leave the shape as it is: what was written is read, as the same by every part.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::num::NonZeroU64;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Expected::{self, Invalid, Reads};
use super::{changes, whole};

changes! {
    whole;

    nothing_changes:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String, count: u32 } } Item: Reads(Item { name: "tea".into(), count: 2 });
    a_struct_is_renamed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Line { name: String, count: u32 } } Line: Reads(Line { name: "tea".into(), count: 2 });
    an_enum_is_renamed:
        { enum State { Open, Paid(u8) } } State = State::Paid(7)
        => { enum Status { Open, Paid(u8) } } Status: Reads(Status::Paid(7));
    a_field_is_renamed_and_keeps_its_name_for_serde:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { #[serde(rename = "name")] title: String } } Item: Reads(Item { title: "tea".into() });
    a_value_is_wrapped: u64 = 7 => { struct UserId(u64); } UserId: Reads(UserId(7));
    a_value_is_unwrapped: { struct UserId(u64); } UserId = UserId(7) => u64: Reads(7);
    a_newtype_is_renamed: { struct UserId(u64); } UserId = UserId(7) => { struct Customer(u64); } Customer: Reads(Customer(7));
    a_newtype_becomes_transparent:
        { struct UserId(u64); } UserId = UserId(7)
        => { #[serde(transparent)] struct UserId { id: u64 } } UserId: Reads(UserId { id: 7 });
    a_newtype_in_a_newtype: { struct A(B); } A = A(B("tea".into())) => String: Reads("tea".into());
    a_list_becomes_a_set: Vec<u8> = vec![2, 1] => HashSet<u8>: Reads(HashSet::from([1, 2]));
    a_set_becomes_a_sorted_list: BTreeSet<u8> = BTreeSet::from([2, 1]) => Vec<u8>: Reads(vec![1, 2]);
    a_list_becomes_a_queue: Vec<u8> = vec![2, 1] => VecDeque<u8>: Reads(VecDeque::from([2, 1]));
    a_map_is_sorted_from_now_on:
        HashMap<String, u8> = HashMap::from([("b".into(), 2), ("a".into(), 1)])
        => BTreeMap<String, u8>: Reads(BTreeMap::from([("a".into(), 1), ("b".into(), 2)]));
    an_array_becomes_a_tuple: [u8; 4] = [1, 2, 3, 4] => (u8, u8, u8, u8): Reads((1, 2, 3, 4));
    a_tuple_becomes_a_tuple_struct: (u8, String) = (1, "tea".into())
        => { struct Pair(u8, String); } Pair: Reads(Pair(1, "tea".into()));
    a_number_becomes_one_that_is_not_zero: u64 = 7 => NonZeroU64: Reads(NonZeroU64::new(7).unwrap());
    zero_is_no_number_that_is_not_zero: u64 = 0 => NonZeroU64: Invalid;
    a_value_moves_into_a_box: u64 = 7 => Box<u64>: Reads(Box::new(7));
    a_text_becomes_a_cow: String = "tea".into() => Cow<'static, str>: Reads(Cow::Borrowed("tea"));
    a_text_becomes_a_path: String = "/tea".into() => PathBuf: Reads(PathBuf::from("/tea"));
    a_unit_struct_becomes_nothing: { struct Marker; } Marker = Marker => (): Reads(());
    a_duration_becomes_a_struct_of_its_parts:
        Duration = Duration::new(7, 8)
        => { struct Parts { secs: u64, nanos: u32 } } Parts: Reads(Parts { secs: 7, nanos: 8 });
    a_duration_is_no_struct_with_too_many_nanoseconds:
        { struct Parts { secs: u64, nanos: u32 } } Parts = Parts { secs: u64::MAX, nanos: u32::MAX }
        => Duration: Invalid;
    a_field_is_read_by_a_function_of_the_same_shape:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { #[serde(with = "in_capitals")] name: String } } Item: Reads(Item { name: "TEA".into() });
    a_type_is_written_as_another:
        { struct Text { text: String } } Text = Text { text: "aaa".into() } => Length: Reads(Length(3));
    the_parts_of_a_variant_move_into_a_struct:
        { enum Status { Open, Paid { at: u64 } } } Status = Status::Paid { at: 7 }
        => { enum Status { Open, Paid(Paid) } } Status: Reads(Status::Paid(Paid { at: 7 }));
    what_a_variant_has_is_wrapped:
        { enum Status { Open, Paid(Paid) } } Status = Status::Paid(Paid { at: 7 })
        => { enum Status { Open, Paid(Signed) } } Status: Reads(Status::Paid(Signed(Paid { at: 7 })));
    a_tree_is_renamed:
        { struct Tree { label: u8, children: Vec<Tree> } }
        Tree = Tree { label: 1, children: vec![Tree { label: 2, children: vec![] }] }
        => { struct Node { label: u8, children: Vec<Node> } }
        Node: Reads(Node { label: 1, children: vec![Node { label: 2, children: vec![] }] });
    an_expression_is_renamed:
        { enum Expression { Sum(Box<Expression>, Box<Expression>), Number(u32) } }
        Expression = Expression::Sum(Box::new(Expression::Number(1)), Box::new(Expression::Number(2)))
        => { enum Term { Sum(Box<Term>, Box<Term>), Number(u32) } }
        Term: Reads(Term::Sum(Box::new(Term::Number(1)), Box::new(Term::Number(2))));
    a_newtype_inside_is_gone:
        { struct Tree { label: u8, children: Forest } }
        Tree = Tree { label: 1, children: Forest(vec![7]) }
        => { struct Tree { label: u8, children: Vec<u8> } } Tree: Reads(Tree { label: 1, children: vec![7] });
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct B(String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Forest(Vec<u8>);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Paid {
    at: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Signed(Paid);

/// Is written as a text of this length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Letters", into = "Letters")]
struct Length(usize);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Letters {
    text: String,
}

impl From<Letters> for Length {
    fn from(letters: Letters) -> Self {
        Self(letters.text.len())
    }
}

impl From<Length> for Letters {
    fn from(length: Length) -> Self {
        Self { text: "a".repeat(length.0) }
    }
}

mod in_capitals {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Ok(String::deserialize(deserializer)?.to_uppercase())
    }
}
