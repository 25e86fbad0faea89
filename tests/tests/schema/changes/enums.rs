//! Enums, and types that contain themselves.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::Expected::{self, Refused};
use super::{changes, whole};

changes! {
    whole;

    a_variant_is_added_in_front:
        { enum Status { Open, Paid } } Status = Status::Open
        => { enum Status { Draft, Open, Paid } } Status: Refused;
    a_variant_is_added_at_the_end:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Open, Paid, Sent } } Status: Refused;
    the_first_variant_is_removed:
        { enum Status { Draft, Open, Paid } } Status = Status::Open
        => { enum Status { Open, Paid } } Status: Refused;
    the_last_variant_is_removed:
        { enum Status { Open, Paid } } Status = Status::Open
        => { enum Status { Open } } Status: Refused;
    a_variant_is_renamed:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Open, Cancelled } } Status: Refused;
    a_variant_is_renamed_for_serde:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { #[serde(rename_all = "lowercase")] enum Status { Open, Paid } } Status: Refused;
    two_variants_change_places:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Paid, Open } } Status: Refused;
    two_variants_with_one_type_change_places:
        { enum Size { Metres(u32), Feet(u32) } } Size = Size::Metres(7)
        => { enum Size { Feet(u32), Metres(u32) } } Size: Refused;
    a_unit_variant_gets_a_content:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Open, Paid(u64) } } Status: Refused;
    another_variants_content_changes:
        { enum Status { Open, Paid(u32) } } Status = Status::Open
        => { enum Status { Open, Paid(u64) } } Status: Refused;
    a_variant_loses_its_content:
        { enum Status { Open, Paid(u64) } } Status = Status::Paid(7)
        => { enum Status { Open, Paid } } Status: Refused;
    a_newtype_variant_becomes_a_struct:
        { enum Status { Open, Paid(u64) } } Status = Status::Paid(7)
        => { enum Status { Open, Paid { at: u64 } } } Status: Refused;
    a_newtype_variant_becomes_a_tuple:
        { enum Status { Open, Paid(u64) } } Status = Status::Paid(7)
        => { enum Status { Open, Paid(u64, u64) } } Status: Refused;
    a_tuple_variant_becomes_a_struct:
        { enum Status { Open, Paid(u64, u8) } } Status = Status::Paid(7, 1)
        => { enum Status { Open, Paid { at: u64, by: u8 } } } Status: Refused;
    a_variants_field_is_renamed:
        { enum Status { Open, Paid { euros: u64 } } } Status = Status::Paid { euros: 7 }
        => { enum Status { Open, Paid { cents: u64 } } } Status: Refused;
    a_variants_fields_change_places:
        { enum Status { Open, Paid { from: u8, to: u8 } } } Status = Status::Paid { from: 7, to: 8 }
        => { enum Status { Open, Paid { to: u8, from: u8 } } } Status: Refused;
    a_variant_without_fields_gets_braces:
        { enum Status { Open, Paid } } Status = Status::Paid
        => { enum Status { Open, Paid {} } } Status: Refused;
    an_enum_becomes_a_text:
        { enum Status { Open, Paid } } Status = Status::Paid => String: Refused;
    a_text_becomes_an_enum:
        String = "Paid".into() => { enum Status { Open, Paid } } Status: Refused;
    an_enum_becomes_a_number:
        { enum Status { Open, Paid } } Status = Status::Paid => u32: Refused;
    an_enum_becomes_an_option:
        { enum Maybe { Nothing, Just(u8) } } Maybe = Maybe::Just(7) => Option<u8>: Refused;
    an_option_becomes_a_result: Option<u8> = Some(7) => Result<u8, ()>: Refused;
    a_results_sides_change_places: Result<u8, i8> = Ok(7) => Result<i8, u8>: Refused;

    // A type that contains itself.
    a_trees_label_changes:
        { struct Tree { label: String, children: Vec<Tree> } }
        Tree = Tree { label: "a".into(), children: vec![Tree { label: "b".into(), children: vec![] }] }
        => { struct Tree { label: Vec<u8>, children: Vec<Tree> } } Tree: Refused;
    a_trees_children_change_their_name:
        { struct Tree { label: u8, children: Vec<Tree> } }
        Tree = Tree { label: 1, children: vec![Tree { label: 2, children: vec![] }] }
        => { struct Tree { label: u8, parents: Vec<Tree> } } Tree: Refused;
    a_tree_becomes_a_chain:
        { struct Tree { label: u8, next: Vec<Tree> } }
        Tree = Tree { label: 1, next: vec![Tree { label: 2, next: vec![] }] }
        => { struct Tree { label: u8, next: Option<Box<Tree>> } } Tree: Refused;
    a_tree_is_no_longer_one:
        { struct Tree { label: u8, children: Vec<Tree> } }
        Tree = Tree { label: 1, children: vec![Tree { label: 2, children: vec![] }] }
        => { struct Tree { label: u8, children: Vec<u8> } } Tree: Refused;
    an_expression_gets_another_kind:
        { enum Expression { Number(i64), Negated(Box<Expression>) } }
        Expression = Expression::Negated(Box::new(Expression::Number(7)))
        => { enum Expression { Number(i64), Not(Box<Expression>) } } Expression: Refused;
    a_number_in_an_expression_changes:
        { enum Expression { Number(i64), Sum(Vec<Expression>) } }
        Expression = Expression::Sum(vec![Expression::Number(7), Expression::Sum(vec![])])
        => { enum Expression { Number(u64), Sum(Vec<Expression>) } } Expression: Refused;
    an_expression_of_two_parts_changes:
        { enum Expression { Sum(Box<Expression>, Box<Expression>), Number(u32) } }
        Expression = Expression::Sum(Box::new(Expression::Number(1)), Box::new(Expression::Number(2)))
        => { enum Expression { Sum(Box<Expression>, Box<Expression>), Number(u64) } } Expression: Refused;
    a_part_of_a_recursive_type_changes:
        { struct Folder { owner: Owner, folders: HashMap<String, Folder> } }
        Folder = Folder {
            owner: owner(),
            folders: HashMap::from([("a".into(), Folder { owner: owner(), folders: HashMap::new() })]),
        }
        => { struct Folder { owner: NewOwner, folders: HashMap<String, Folder> } } Folder: Refused;
    types_that_contain_each_other_change:
        Page = Page { links: vec![Link { text: "next".into(), to: Some(Box::new(Page { links: vec![] })) }] }
        => NewPage: Refused;
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Owner {
    name: String,
    id: u32,
}

fn owner() -> Owner {
    Owner { name: "Ada".into(), id: 7 }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NewOwner {
    name: String,
    id: i32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    links: Vec<Link>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Link {
    text: String,
    to: Option<Box<Page>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NewPage {
    links: Vec<NewLink>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct NewLink {
    title: String,
    to: Option<Box<NewPage>>,
}
