//! Changes deep inside a value: in a newtype in a struct in an enum's variant in an array in an option in a list in a tuple in a map.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Expected::{self, Invalid, Reads, Refused};
use super::{at_every_depth, changes};

changes! {
    at_every_depth;

    a_field_is_added:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String, count: u32, id: u64 } } Item: Refused;
    a_field_is_removed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { count: u32 } } Item: Refused;
    a_field_is_renamed:
        { struct Money { euros: u32 } } Money = Money { euros: 2 }
        => { struct Money { cents: u32 } } Money: Refused;
    two_fields_change_places:
        { struct Span { from: u32, to: u32 } } Span = Span { from: 1, to: 2 }
        => { struct Span { to: u32, from: u32 } } Span: Refused;
    a_variant_is_added:
        { enum Status { Open, Paid } } Status = Status::Open
        => { enum Status { Open, Paid, Sent } } Status: Refused;
    two_variants_change_places:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Paid, Open } } Status: Refused;
    a_number_changes_its_sign: u32 = 7 => i32: Refused;
    a_value_becomes_optional: u8 = 1 => Option<u8>: Refused;
    a_tuple_grows: (u8, String) = (1, "tea".into()) => (u8, String, u8): Refused;
    a_uuid_becomes_a_text: Uuid = Uuid::nil() => String: Refused;
    a_tree_changes:
        { struct Tree { label: String, children: Vec<Tree> } }
        Tree = Tree { label: "a".into(), children: vec![Tree { label: "b".into(), children: vec![] }] }
        => { struct Tree { label: Vec<u8>, children: Vec<Tree> } } Tree: Refused;
    a_struct_is_renamed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Line { name: String, count: u32 } } Line: Reads(Line { name: "tea".into(), count: 2 });
    a_value_is_wrapped: u64 = 7 => { struct UserId(u64); } UserId: Reads(UserId(7));
    an_array_becomes_a_tuple: [u8; 2] = [1, 2] => (u8, u8): Reads((1, 2));
    a_text_that_is_no_url: String = "tea".into() => url::Url: Invalid;
}
