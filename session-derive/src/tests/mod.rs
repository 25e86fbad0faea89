//! Messages without rustc, and the whole expansion of one struct.

use std::time::Duration;

use crate::errors::Errors;
use crate::model::Model;
use crate::{duration, names};

/// What is said of this struct, in order.
fn messages(input: &str) -> Vec<String> {
    let mut errors = Errors::default();
    let input = syn::parse_str(input).expect("the test's struct is one");
    // Whatever is wrong, the code beside the errors can be read.
    if let Some(model) = Model::of(&input, &mut errors) {
        format(crate::expand::expand(&model));
    }
    errors.messages()
}

/// What is said of a struct with these fields.
fn messages_of_fields(fields: &str) -> Vec<String> {
    messages(&format!("struct Shop {{ {fields} }}"))
}

fn format(code: proc_macro2::TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(code).expect("generated code is Rust"))
}

/// The names of all functions, types and constants in the expansion.
fn generated_names(input: &str) -> Vec<String> {
    let code = format(crate::derive(input.parse().expect("the test's struct is Rust")));
    let words: Vec<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '#').collect();
    let named = words.windows(2).filter(|pair| ["fn", "const", "struct"].contains(&pair[0]));
    named.map(|pair| pair[1].to_owned()).collect()
}

mod a_correct_struct;

mod names_of_what_is_generated;

#[test]
fn the_path_of_the_runtime_is_the_one_that_is_given() {
    let input = include_str!("../expected/shop.input.rs").replace("prefix", "crate = my::sessions, prefix");
    let code = format(crate::derive(input.parse().expect("Rust")));
    assert!(code.contains("my::sessions::Session"), "{code}");
    assert!(!code.contains("session_runtime"), "{code}");
}

mod messages_of_attributes;

mod messages_of_migrations;

mod messages_of_slices;

mod bounds;

mod messages_of_fields;

mod messages_of_shapes;

mod durations;

mod near_misses;

mod docs_of_fields;

mod the_own_type;
