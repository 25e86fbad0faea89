//! Changes that would break live sessions: the test says of which field, and what to add to it.

use crate::{of_field, told};

/// The parts of what is told of one field.
#[track_caller]
fn assert_breaking(told: &Option<String>, field: &str, remedies: &[&str]) {
    let told = told.as_ref().expect("the change breaks sessions");
    assert!(told.contains("sessions that are live would break"), "{told}");
    let of_field = of_field(told, field);
    for remedy in remedies {
        assert!(of_field.contains(remedy), "{remedy} is not in: {of_field}");
    }
}

#[test]
fn another_type_needs_a_migrate_or_a_default() {
    let told = told!(first => priced);
    assert_breaking(&told, "cart", &["migrate(", "on_mismatch = \"default\""]);
    // Both shapes, so that the difference is seen.
    assert_breaking(&told, "cart", &["[{sku: str, quantity: u32}]", "[{sku: str, quantity: u32, price: u64}]"]);
}

#[test]
fn another_version_needs_a_migrate_or_a_default() {
    assert_breaking(&told!(first => versioned), "cart", &["version 1", "version 2", "migrate(", "on_mismatch"]);
}

#[test]
fn a_version_that_went_back_does_too() {
    assert_breaking(&told!(versioned => first), "cart", &["version 2", "version 1", "migrate("]);
}

#[test]
fn a_new_key_with_an_alias_of_another_type_needs_a_migrate() {
    assert_breaking(&told!(first => renamed_and_priced), "basket", &["migrate("]);
}

#[test]
fn an_alias_is_kept() {
    assert_breaking(&told!(renamed_with_alias => renamed), "basket", &["`cart`", "Keep its `alias`"]);
}

#[test]
fn a_migrate_is_kept() {
    assert_breaking(&told!(migrated => priced), "cart", &["Keep their `migrate`"]);
    assert_breaking(&told!(versioned_and_migrated => versioned), "cart", &["version 1", "Keep their `migrate`"]);
    assert_breaking(&told!(json_and_migrated => priced), "cart", &["Keep their `migrate`"]);
}

/// The last type has its `migrate`, one before it lost its own.
#[test]
fn every_migrate_of_a_chain_is_kept() {
    let told = told!(migrated => migrated_once_too_few);
    assert_breaking(&told, "cart", &["Keep their `migrate`"]);
}

/// Stored values may be of any shape that ever counted as absent.
#[test]
fn an_on_mismatch_is_kept() {
    assert_breaking(&told!(priced_or_absent => priced), "cart", &["Keep `on_mismatch = \"default\"`"]);
}

/// Worst first, and the verdict is that of the worst.
#[test]
fn of_several_changes_each_is_told() {
    let told = told!(first => much_changed);
    assert_breaking(&told, "cart", &["version 1", "version 3", "price: u64", "migrate("]);
    let told = told.unwrap();
    // By its shape it may be the field that is gone.
    assert!(of_field(&told, "user").contains("alias = \"user\""), "{told}");
    assert!(of_field(&told, "note").contains("is new"), "{told}");
    let order = ["- `cart`", "- `user`", "- `note`"].map(|item| told.find(item).unwrap());
    assert!(order.is_sorted(), "{told}");
}
