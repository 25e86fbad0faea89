//! Fields that the schema had: live sessions still have their values, so they stay written down.

use std::fs;

use session_runtime::assert_schema;

use crate::{blessed, file, of_field, panic_of, releases, section, text_after, told};

#[test]
fn blessing_keeps_a_field_that_is_gone_and_marks_it() {
    let (before, after) = (text_after(&["with_note"]), text_after(&["with_note", "first"]));
    let mut marked = vec!["gone"];
    marked.extend(section(&before, "note"));
    assert_eq!(section(&after, "note"), marked);
    assert_eq!(section(&after, "cart"), section(&before, "cart"));
    assert_eq!(told!(with_note, first => first), None);
}

/// Once, however often the file is written, and also by releases that change something else.
#[test]
fn a_field_that_is_gone_stays_through_later_releases() {
    let note = |releases: &[&str]| section(&text_after(releases), "note").join("\n");
    let once = note(&["with_note", "first"]);
    assert_eq!(note(&["with_note", "first", "first"]), once);
    assert_eq!(note(&["with_note", "first", "migrated", "renamed_with_alias"]), once);
    let told = told!(with_note, first => with_ttl).unwrap();
    assert!(!told.contains("note"), "it was told when it went: {told}");
}

/// Two releases later: who wrote the new one may not know that there was another.
#[test]
fn a_key_that_is_used_again_for_another_type_is_told() {
    let told = told!(with_note, first => with_numbered_note).unwrap();
    assert!(told.contains("sessions that are live would break"), "{told}");
    let of_note = of_field(&told, "note");
    assert!(of_note.contains("can't be read") && of_note.contains("migrate("), "{told}");
    assert!(of_note.contains(" str") && of_note.contains(" u64"), "both shapes: {told}");
}

#[test]
fn a_key_that_is_used_again_for_the_same_type_is_harmless() {
    let told = told!(with_note, first => with_note).unwrap();
    assert!(told.contains("sessions that are live go on working"), "{told}");
    assert!(of_field(&told, "note").contains("\n    - gone"), "{told}");
    // As if it had never been gone.
    assert_eq!(text_after(&["with_note", "first", "with_note"]), text_after(&["with_note"]));
}

#[test]
fn a_key_that_is_used_again_with_what_reads_its_values_is_harmless() {
    let told = told!(with_note, first => with_measured_note).unwrap();
    assert!(told.contains("sessions that are live go on working") && told.contains("`note`"), "{told}");
    let told = told!(with_note, first => with_tolerant_note).unwrap();
    assert!(told.contains("sessions that are live will lose values") && told.contains("`note`"), "{told}");
}

/// What the field read besides is kept too.
#[test]
fn a_key_that_is_used_again_needs_the_migrate_that_it_had() {
    let told = told!(with_measured_note, first => with_numbered_note).unwrap();
    assert!(told.contains("sessions that are live would break"), "{told}");
    assert!(of_field(&told, "note").contains("Keep their `migrate`"), "{told}");
}

#[test]
fn a_key_that_is_used_again_under_another_by_an_alias_is_no_longer_gone() {
    let text = text_after(&["first", "renamed", "renamed_with_alias"]);
    assert_eq!(section(&text, "cart"), Vec::<&str>::new());
    assert_eq!(section(&text, "basket").last(), Some(&"alias cart"));
}

/// Once no session has a value of it.
#[test]
fn a_field_that_is_gone_may_be_deleted_by_hand() {
    let folder = blessed(&["with_note", "first"]);
    let file = file(folder.path(), "shop");
    let text = fs::read_to_string(&file).unwrap();
    let gone: String = section(&text, "note").iter().map(|line| format!("    {line}\n")).collect();
    let without = text.replace(&format!("\nnote\n{gone}"), "");
    assert_ne!(without, text);
    fs::write(&file, &without).unwrap();
    assert_schema!(releases::first::Shop, &file);
    let told = panic_of(|| assert_schema!(releases::with_numbered_note::Shop, &file)).unwrap();
    assert!(told.contains("sessions that are live go on working") && told.contains("`note` is new"), "{told}");
}

/// A field that the schema has is not for deleting.
#[test]
fn a_field_that_is_there_may_not_be_deleted_by_hand() {
    let folder = blessed(&["first"]);
    let file = file(folder.path(), "shop");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.split_once("\nuser\n").unwrap().0).unwrap();
    let told = panic_of(|| assert_schema!(releases::first::Shop, &file)).unwrap();
    assert!(told.contains("`user` is new"), "{told}");
}

/// Sessions may still have `cart`, which the field that is gone knew by an alias.
#[test]
fn an_alias_of_a_field_that_is_gone_is_not_used_again_unnoticed() {
    let told = told!(first, renamed_with_alias, without_cart => cart_number).unwrap();
    assert!(told.contains("would break") && told.contains("`cart`"), "{told}");
}
