//! Changes after which live sessions go on working. They must be written down all the same: a change in a file of the
//! repository is what a reviewer sees.

use crate::{of_field, told};

/// That sessions go on working, and which field it is about.
fn assert_harmless(told: Option<String>, field: &str) {
    let told = told.expect("the change must be written down");
    assert!(told.contains("sessions that are live go on working"), "{told}");
    assert!(!told.contains("would break"), "{told}");
    assert!(told.contains(&format!("`{field}`")), "{told}");
    assert!(told.contains("SESSION_SCHEMA=bless cargo test"), "{told}");
}

#[test]
fn the_order_of_the_fields_is_no_change() {
    assert_eq!(told!(first => reordered), None);
}

/// Nor are a newtype, another list, another name for the field in the program, and defaults that are said.
#[test]
fn other_words_for_the_same_values_are_no_change() {
    assert_eq!(told!(first => with_other_words), None);
}

#[test]
fn a_slice_with_the_same_keys_is_no_change() {
    assert_eq!(told!(first => in_a_slice), None);
    assert_eq!(told!(in_a_slice => first), None);
}

#[test]
fn a_new_field_is_harmless() {
    let told = told!(first => with_note);
    assert!(told.as_ref().unwrap().contains("`note` is new"), "{told:?}");
    assert_harmless(told, "note");
}

#[test]
fn a_field_that_is_gone_is_harmless() {
    let told = told!(first => without_user);
    assert!(told.as_ref().unwrap().contains("`user` is gone"), "{told:?}");
    assert_harmless(told, "user");
}

#[test]
fn a_new_key_with_an_alias_is_harmless() {
    assert_harmless(told!(first => renamed_with_alias), "basket");
    assert_harmless(told!(first => in_a_slice_with_prefix_and_alias), "auth.user");
}

#[test]
fn another_type_with_a_migrate_is_harmless() {
    assert_harmless(told!(first => migrated), "cart");
    assert_harmless(told!(first => migrated_twice), "cart");
    assert_harmless(told!(migrated => migrated_twice), "cart");
}

/// The program says that it can do without them.
#[test]
fn values_that_count_as_absent_are_told_to_be_lost() {
    let told = told!(first => priced_or_absent);
    let of_cart = of_field(told.as_ref().unwrap(), "cart");
    assert!(of_cart.contains("will count as absent") && !of_cart.contains("as before"), "{told:?}");
    assert!(of_cart.contains("[{sku: str, quantity: u32}]"), "what is lost: {told:?}");
    let told = told.unwrap();
    assert!(told.contains("sessions that are live will lose values") && !told.contains("would break"), "{told}");
}

#[test]
fn another_version_with_a_migrate_is_harmless() {
    assert_harmless(told!(first => versioned_and_migrated), "cart");
}

/// Each value says by which codec it was written.
#[test]
fn another_codec_is_harmless() {
    assert_harmless(told!(first => json), "cart");
    assert_harmless(told!(json => first), "cart");
    assert_harmless(told!(first => json_and_migrated), "cart");
    assert_harmless(told!(json => migrated), "cart");
    assert_harmless(told!(json_and_migrated => migrated), "cart");
    assert_harmless(told!(migrated => json_and_migrated), "cart");
}

#[test]
fn another_ttl_or_lazy_or_rotate_is_harmless() {
    assert_harmless(told!(first => with_ttl), "cart");
    assert_harmless(told!(with_ttl => first), "cart");
    assert_harmless(told!(first => lazy), "cart");
    assert_harmless(told!(lazy => first), "cart");
    assert_harmless(told!(first => not_rotating), "user");
    assert_harmless(told!(not_rotating => first), "user");
}

/// Each with its lines, and nothing of the fields that are as they were.
#[test]
fn only_what_changed_is_told() {
    let added = told!(first => with_ttl).unwrap();
    assert!(of_field(&added, "cart").contains("\n    + ttl 900 s") && !added.contains("`user`"), "{added}");
    let removed = told!(first => not_rotating).unwrap();
    assert!(of_field(&removed, "user").contains("\n    - rotate") && !removed.contains("`cart`"), "{removed}");
}
