//! Changes that look like a new key for a field: whether live sessions break is for the team to say.

use crate::{of_field, told};

/// What is told of a key that is gone: the key that reads its values, and what keeps them.
#[track_caller]
fn assert_suspect(told: &Option<String>, gone: &str, new: &str) {
    let told = told.as_ref().expect("the change may break sessions");
    assert!(told.contains("sessions that are live may break") && !told.contains("would break"), "{told}");
    let of_gone = of_field(told, gone);
    assert!(of_gone.contains(&format!("`{new}`")) && of_gone.contains(&format!("alias = \"{gone}\"")), "{told}");
    // Once: it is new only if it is not the one that is gone.
    assert!(!told.contains(&format!("`{new}` is new.")), "{told}");
}

#[test]
fn a_new_key_may_need_an_alias() {
    assert_suspect(&told!(first => renamed), "cart", "basket");
    assert_suspect(&told!(first => in_a_slice_with_prefix), "user", "auth.user");
}

/// Also where the values of the new key are read from those of the old by a `migrate`.
#[test]
fn a_new_key_of_another_type_may_need_an_alias() {
    assert_suspect(&told!(first => renamed_and_migrated), "cart", "basket");
}

/// `on_mismatch = "default"` does without other shapes; it does not read them.
#[test]
fn a_tolerant_new_field_of_another_shape_is_not_taken_for_one_that_is_gone() {
    let told = told!(with_note => with_theme).unwrap();
    assert!(told.contains("sessions that are live go on working"), "`str` is no `u8`: {told}");
    assert!(of_field(&told, "note").contains("is gone") && of_field(&told, "theme").contains("is new"), "{told}");
}

/// The team has said that it is another field.
#[test]
fn what_was_blessed_is_no_longer_suspect() {
    assert_eq!(told!(first, renamed => renamed), None);
}

#[test]
fn the_alias_for_a_quoted_key_can_be_copied() {
    let told = told!(hash => hash_renamed).unwrap();
    assert!(told.contains("alias = \"#cart\""), "{told}");
}

#[test]
fn values_under_an_alias_are_told_as_such() {
    let told = told!(first => swapped).unwrap();
    assert!(told.contains("`user`: values that are stored now under `cart` can't be read"), "{told}");
}
