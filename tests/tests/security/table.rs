//! The table in SECURITY.md names the tests that there are, and all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::path::Path;
use std::process::Command;

/// How many requirements there are.
const REQUIREMENTS: usize = 40;

/// The rows of the table by their number.
fn rows() -> BTreeMap<usize, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../SECURITY.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows = text.lines().filter_map(|line| {
        let number = line.strip_prefix("| ")?.split(' ').next()?.parse().ok()?;
        Some((number, line.to_owned()))
    });
    let mut by_number = BTreeMap::new();
    for (number, row) in rows {
        assert_eq!(by_number.insert(number, row), None, "two rows {number}");
    }
    by_number
}

/// The tests that a row names.
fn named(row: &str) -> BTreeSet<String> {
    let quoted = row.split('`').skip(1).step_by(2);
    quoted.filter(|text| text.starts_with("requirement_")).map(str::to_owned).collect()
}

/// The tests of this program that are named after a requirement, as it lists them itself, and the modules that they are in.
fn tests() -> BTreeMap<String, BTreeSet<String>> {
    let listed = Command::new(env::current_exe().unwrap()).args(["--list", "--format", "terse"]).output().unwrap();
    let mut tests = BTreeMap::<_, BTreeSet<_>>::new();
    for line in String::from_utf8(listed.stdout).unwrap().lines() {
        let Some((module, name)) = line.strip_suffix(": test").and_then(|test| test.rsplit_once("::")) else {
            continue;
        };
        if name.starts_with("requirement_") {
            tests.entry(name.to_owned()).or_default().insert(module.to_owned());
        }
    }
    tests
}

#[test]
fn the_table_names_every_test_under_its_number_and_no_other() {
    let named: BTreeSet<_> = rows()
        .iter()
        .flat_map(|(number, row)| {
            let prefix = format!("requirement_{number:02}_");
            let names = named(row);
            assert!(names.iter().all(|name| name.starts_with(&prefix)), "in row {number}: {names:?}");
            names
        })
        .collect();
    assert_eq!(named, tests().into_keys().collect());
}

#[test]
fn each_requirement_has_a_row_with_a_test_or_the_reason_why_not() {
    let rows = rows();
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), (1..=REQUIREMENTS).collect::<Vec<_>>());
    for (number, row) in rows {
        let reasons = ["Does not apply:", "Not yet:"];
        assert!(!named(&row).is_empty() || reasons.iter().any(|reason| row.contains(reason)), "row {number}: {row}");
    }
}

#[test]
fn a_test_that_runs_on_one_store_runs_on_each() {
    // In a module of each store's name, inside that of the theme.
    let stores = |modules: &BTreeSet<String>| -> BTreeSet<String> {
        modules.iter().filter_map(|module| Some(module.split_once("::")?.1.to_owned())).collect()
    };
    let tests = tests();
    let all: BTreeSet<_> = tests.values().flat_map(stores).collect();
    assert!(all.len() > 1);
    for (name, modules) in &tests {
        let on = stores(modules);
        assert!(on.is_empty() || on == all, "{name} runs on {on:?}");
    }
}
