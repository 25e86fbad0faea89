//! Structs, tuples, lists and scalars.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::Expected::{self, Refused};
use super::{changes, whole};

changes! {
    whole;

    // Fields come, go, move and change their names.
    a_field_is_added_in_front:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { id: u64, name: String, count: u32 } } Item: Refused;
    a_field_is_added_in_the_middle:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String, id: u64, count: u32 } } Item: Refused;
    a_field_is_added_at_the_end:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String, count: u32, id: u64 } } Item: Refused;
    a_field_without_bytes_is_added_at_the_end:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { name: String, nothing: () } } Item: Refused;
    a_field_with_a_default_is_added:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { name: String, #[serde(default)] count: u32 } } Item: Refused;
    the_first_field_is_removed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { count: u32 } } Item: Refused;
    the_last_field_is_removed:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String } } Item: Refused;
    all_fields_are_removed:
        { struct Item { count: u8 } } Item = Item { count: 2 }
        => { struct Item {} } Item: Refused;
    a_field_is_renamed:
        { struct Money { euros: u32 } } Money = Money { euros: 2 }
        => { struct Money { cents: u32 } } Money: Refused;
    a_field_is_renamed_for_serde:
        { struct Money { amount: u32 } } Money = Money { amount: 2 }
        => { struct Money { #[serde(rename = "cents")] amount: u32 } } Money: Refused;
    all_fields_are_renamed_for_serde:
        { struct Money { net_amount: u32 } } Money = Money { net_amount: 2 }
        => { #[serde(rename_all = "camelCase")] struct Money { net_amount: u32 } } Money: Refused;
    two_fields_of_one_type_change_places:
        { struct Span { from: u32, to: u32 } } Span = Span { from: 1, to: 2 }
        => { struct Span { to: u32, from: u32 } } Span: Refused;
    two_fields_of_two_types_change_places:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { count: u32, name: String } } Item: Refused;
    two_fields_change_their_types:
        { struct Item { a: u32, b: i32 } } Item = Item { a: 1, b: 2 }
        => { struct Item { a: i32, b: u32 } } Item: Refused;
    a_field_is_skipped_from_now_on:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item { name: String, #[serde(skip)] count: u32 } } Item: Refused;
    // Which of the names is written is not known: it may be the new one.
    a_field_gets_a_second_name:
        { struct Item { name: String } } Item = Item { name: "tea".into() }
        => { struct Item { #[serde(alias = "title")] name: String } } Item: Refused;
    a_field_is_kept_in_another_form:
        { struct Flag { set: bool } } Flag = Flag { set: true }
        => { struct Flag { #[serde(with = "as_number")] set: bool } } Flag: Refused;

    // One type for another, many with the same bytes.
    u32_becomes_u64: u32 = 7 => u64: Refused;
    u64_becomes_u32: u64 = 7 => u32: Refused;
    u32_becomes_i32: u32 = 7 => i32: Refused;
    u8_becomes_i8: u8 = 255 => i8: Refused;
    u8_becomes_bool: u8 = 1 => bool: Refused;
    u8_becomes_u16: u8 = 7 => u16: Refused;
    u64_becomes_u128: u64 = 7 => u128: Refused;
    i64_becomes_i128: i64 = -7 => i128: Refused;
    u64_becomes_text: u64 = 1 => String: Refused;
    u32_becomes_char: u32 = 65 => char: Refused;
    char_becomes_text: char = 'a' => String: Refused;
    f32_becomes_f64: f32 = 1.5 => f64: Refused;
    f64_becomes_u64: f64 = 0.0 => u64: Refused;
    text_becomes_bytes: String = "tea".into() => Vec<u8>: Refused;
    bytes_become_text: Vec<u8> = vec![116, 101, 97] => String: Refused;
    a_value_becomes_optional: String = "tea".into() => Option<String>: Refused;
    an_optional_value_becomes_required: Option<String> = Some("tea".into()) => String: Refused;
    an_option_becomes_two: Option<u8> = Some(1) => Option<Option<u8>>: Refused;
    an_option_becomes_a_flag: Option<()> = Some(()) => bool: Refused;
    a_list_becomes_an_option: Vec<u8> = vec![7] => Option<u8>: Refused;
    an_option_becomes_a_list: Option<u8> = Some(7) => Vec<u8>: Refused;
    a_value_becomes_a_list: u8 = 0 => Vec<u8>: Refused;
    a_list_becomes_an_array: Vec<u8> = vec![1, 2] => [u8; 2]: Refused;
    an_array_grows: [u8; 2] = [1, 2] => [u8; 3]: Refused;
    an_array_becomes_a_number: [u8; 1] = [1] => u8: Refused;
    a_list_becomes_a_map: Vec<(String, u8)> = vec![("tea".into(), 1)] => HashMap<String, u8>: Refused;
    a_map_becomes_a_list: BTreeMap<u8, u8> = BTreeMap::from([(1, 2)]) => Vec<(u8, u8)>: Refused;
    a_maps_keys_change: BTreeMap<u8, u8> = BTreeMap::from([(1, 2)]) => BTreeMap<i8, u8>: Refused;
    a_maps_values_change: BTreeMap<u8, u8> = BTreeMap::from([(1, 2)]) => BTreeMap<u8, i8>: Refused;
    a_maps_keys_and_values_change_places:
        BTreeMap<u8, u16> = BTreeMap::from([(1, 2)]) => BTreeMap<u16, u8>: Refused;
    a_sets_elements_change: HashSet<u16> = HashSet::from([7]) => HashSet<i16>: Refused;
    nothing_becomes_something: () = () => Option<()>: Refused;
    something_becomes_nothing: bool = false => (): Refused;

    // Structs and tuples.
    a_struct_becomes_a_tuple:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => (String, u32): Refused;
    a_struct_becomes_a_tuple_struct:
        { struct Item { name: String, count: u32 } } Item = Item { name: "tea".into(), count: 2 }
        => { struct Item(String, u32); } Item: Refused;
    a_struct_becomes_its_only_field:
        { struct Name { name: String } } Name = Name { name: "tea".into() } => String: Refused;
    a_struct_becomes_a_map:
        { struct Item { a: u8 } } Item = Item { a: 1 } => HashMap<String, u8>: Refused;
    a_tuple_grows: (u8, String) = (1, "tea".into()) => (u8, String, u8): Refused;
    a_tuple_shrinks: (u8, String) = (1, "tea".into()) => (u8,): Refused;
    a_tuples_elements_change_places: (u8, i8) = (1, 2) => (i8, u8): Refused;
    a_tuple_of_one_becomes_its_element: (u8,) = (1,) => u8: Refused;
    a_tuple_struct_grows:
        { struct Pair(u8, u8); } Pair = Pair(1, 2) => { struct Pair(u8, u8, u8); } Pair: Refused;
    a_newtype_becomes_a_pair: { struct Id(u8); } Id = Id(1) => { struct Id(u8, u8); } Id: Refused;
    tuples_are_nested_otherwise: ((u8, u8), u8) = ((1, 2), 3) => (u8, (u8, u8)): Refused;
    structs_are_nested_otherwise:
        { struct Flat { name: String, street: String, city: String } }
        Flat = Flat { name: "Ada".into(), street: "High St".into(), city: "York".into() }
        => { struct Nested { name: String, address: Address } } Nested: Refused;
    a_part_of_a_part_changes:
        { struct Order { lines: Vec<(u8, Before)> } }
        Order = Order { lines: vec![(1, Before { place: Some(vec![7]) })] }
        => { struct Order { lines: Vec<(u8, After)> } } Order: Refused;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Address {
    street: String,
    city: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Before {
    place: Option<Vec<u8>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct After {
    place: Option<Vec<i8>>,
}

mod as_number {
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(set: &bool, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8((*set).into())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
        Ok(u8::deserialize(deserializer)? != 0)
    }
}
