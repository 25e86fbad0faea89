//! The same with `codec = "json"`: the same rule for all whose shape is known, and JSON's own rules inside what only a
//! value tells.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use super::Expected::{self, Invalid, Reads, Refused};
use super::{changes, whole_in_json};

const UUID: Uuid = Uuid::from_u128(7);
const UUID_TEXT: &str = "00000000-0000-0000-0000-000000000007";

changes! {
    whole_in_json;

    nothing_changes:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Line { name: String, count: u32 } } Line: Reads(Line { name: "tea".into(), count: 2 });
    a_value_is_wrapped: u64 = 7 => { struct UserId(u64); } UserId: Reads(UserId(7));
    a_list_becomes_a_set: Vec<u8> = vec![2, 1] => HashSet<u8>: Reads(HashSet::from([1, 2]));

    // JSON alone would read many of these, some as something else.
    a_field_is_added:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { name: String, #[serde(default)] count: u32 } } Item: Refused;
    a_field_is_removed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String } } Item: Refused;
    an_optional_field_is_renamed:
        { struct Item { name: Option<String> } } Item = Item { name: Some("tea".into()) }
        => { struct Item { title: Option<String> } } Item: Refused;
    two_fields_change_places:
        { struct Span { from: u32, to: u32 } } Span = Span { from: 1, to: 2 }
        => { struct Span { to: u32, from: u32 } } Span: Refused;
    u32_becomes_u64: u32 = 7 => u64: Refused;
    u32_becomes_f64: u32 = 7 => f64: Refused;
    f64_becomes_f32: f64 = 0.1 => f32: Refused;
    a_text_becomes_optional: String = "tea".into() => Option<String>: Refused;
    a_char_becomes_a_text: char = 'a' => String: Refused;
    a_struct_becomes_a_map:
        { struct Sizes { a: u8, b: u8 } } Sizes = Sizes { a: 1, b: 2 }
        => BTreeMap<String, u8>: Refused;
    a_maps_keys_become_texts: BTreeMap<u8, u8> = BTreeMap::from([(1, 2)]) => BTreeMap<String, u8>: Refused;
    a_list_becomes_an_array: Vec<u8> = vec![1, 2] => [u8; 2]: Refused;
    an_array_becomes_a_tuple: [u8; 2] = [1, 2] => (u8, u8): Reads((1, 2));
    a_struct_becomes_a_tuple:
        { struct Pair { a: u8, b: u8 } } Pair = Pair { a: 1, b: 2 } => (u8, u8): Refused;
    a_variant_is_added:
        { enum Status { Open, Paid } } Status = Status::Open
        => { enum Status { Open, Paid, Sent } } Status: Refused;
    a_variant_is_renamed_to_another:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { #[serde(rename = "Paid")] Open, #[serde(rename = "Open")] Paid } } Status: Refused;
    an_enum_becomes_a_text:
        { enum Status { Open, Paid } } Status = Status::Paid => String: Refused;
    an_address_becomes_a_text: IpAddr = Ipv4Addr::LOCALHOST.into() => String: Reads("127.0.0.1".into());
    a_tree_changes:
        { struct Tree { label: u8, children: Vec<Tree> } }
        Tree = Tree { label: 1, children: vec![Tree { label: 2, children: vec![] }] }
        => { struct Tree { label: u16, children: Vec<Tree> } } Tree: Refused;

    // In JSON these are texts.
    a_uuid_becomes_a_text: Uuid = UUID => String: Reads(UUID_TEXT.into());
    a_text_becomes_a_uuid: String = UUID_TEXT.into() => Uuid: Reads(UUID);
    a_text_that_is_no_uuid: String = "tea".into() => Uuid: Invalid;
    a_text_that_is_no_url: String = "tea".into() => Url: Invalid;
    a_uuid_stands_before_what_changes: (Uuid, u32) = (UUID, 7) => (Uuid, u64): Refused;
    a_uuid_is_the_key_of_what_changes:
        HashMap<Uuid, u32> = HashMap::from([(UUID, 7)]) => HashMap<Uuid, u64>: Refused;
    a_time_stands_before_what_changes:
        (DateTime<Utc>, u32) = (DateTime::UNIX_EPOCH, 7) => (DateTime<Utc>, u64): Refused;

    // The content of an adjacently tagged enum depends on its tag only: it is known.
    a_tagged_content_changes_its_type:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u32), Sent { to: String } }
        } Event = Event::Paid(7)
        => { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u64), Sent { to: String } }
        } Event: Refused;
    a_tagged_variant_is_renamed:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u32) } } Event = Event::Nothing
        => { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Sent(u32) } } Event: Refused;
    a_tag_is_renamed:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u32) } } Event = Event::Paid(7)
        => { #[serde(tag = "type", content = "of")] enum Event { Nothing, Paid(u32) } } Event: Refused;
    an_enum_is_tagged_from_now_on:
        { enum Event { Nothing, Paid(u32) } } Event = Event::Paid(7)
        => { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u32) } } Event: Refused;
    a_tagged_enum_is_renamed:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Paid(u32), Sent(u8, u8) } }
        Event = Event::Sent(1, 2)
        => { #[serde(tag = "kind", content = "of")] enum What { Nothing, Paid(u32), Sent(u8, u8) } }
        What: Reads(What::Sent(1, 2));
    a_tagged_tree_changes:
        { #[serde(tag = "kind", content = "of")] enum Tree { Leaf(u32), Node(Vec<Tree>) } }
        Tree = Tree::Node(vec![Tree::Leaf(7)])
        => { #[serde(tag = "kind", content = "of")] enum Tree { Leaf(u64), Node(Vec<Tree>) } } Tree: Refused;

    // What only a value tells follows JSON's own rules: names must fit, and what fits is read.
    a_value_stays_a_value: Value = json!({ "a": [1, null, "b"] }) => Value: Reads(json!({ "a": [1, null, "b"] }));
    a_value_becomes_a_struct:
        Value = json!({ "name": "tea" }) => { struct Item { name: String } } Item: Refused;
    a_field_beside_a_value_changes:
        { struct Note { data: Value, count: u32 } } Note = Note { data: json!({ "a": 1 }), count: 7 }
        => { struct Note { data: Value, total: u32 } } Note: Refused;
    a_field_after_an_enum_and_a_value_changes:
        { struct Note { kind: Option<u8>, data: Value } } Note = Note { kind: Some(1), data: json!(7) }
        => { struct Note { kind: Option<u8>, data: u8 } } Note: Refused;
    an_untagged_enum_is_read_by_what_fits:
        { #[serde(untagged)] enum Id { Number(u32), Text(String) } } Id = Id::Number(7)
        => { #[serde(untagged)] enum Id { Text(String), Number(u64) } } Id: Reads(Id::Number(7));
    an_untagged_enum_that_nothing_fits:
        { #[serde(untagged)] enum Id { Number(u32), Text(String) } } Id = Id::Number(7)
        => { #[serde(untagged)] enum Id { Text(String), Flag(bool) } } Id: Invalid;
    an_internally_tagged_content_must_fit:
        { #[serde(tag = "kind")] enum Event { Nothing, Sent { to: String } } } Event = Event::Sent { to: "Ada".into() }
        => { #[serde(tag = "kind")] enum Event { Nothing, Sent { by: String } } } Event: Invalid;
    an_internally_tagged_content_may_have_less:
        { #[serde(tag = "kind")] enum Event { Nothing, Sent { to: String, by: u8 } }
        } Event = Event::Sent { to: "Ada".into(), by: 1 }
        => { #[serde(tag = "kind")] enum Event { Nothing, Sent { to: String } }
        } Event: Reads(Event::Sent { to: "Ada".into() });
    a_struct_in_an_adjacently_tagged_enum_must_fit:
        { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Sent { to: String } }
        } Event = Event::Sent { to: "Ada".into() }
        => { #[serde(tag = "kind", content = "of")] enum Event { Nothing, Sent { by: String } } } Event: Invalid;
    a_flattened_struct_must_fit:
        { struct Page { #[serde(flatten)] size: Size, title: String } }
        Page = Page { size: Size { width: 7 }, title: "a".into() }
        => { struct Page { #[serde(flatten)] size: NewSize, title: String } } Page: Invalid;
    a_flattened_struct_becomes_fields:
        { struct Page { #[serde(flatten)] size: Size, title: String } }
        Page = Page { size: Size { width: 7 }, title: "a".into() }
        => { struct Page { width: u32, title: String } } Page: Refused;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Size {
    width: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NewSize {
    height: u32,
}
