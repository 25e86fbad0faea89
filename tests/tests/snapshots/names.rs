//! Where a schema is written down, and under which name: generic schemas, composed ones, and paths.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use session_runtime::{SessionData, assert_schema};

use crate::{bless, file, is_run_again, panic_of, releases};

#[derive(SessionData)]
struct Page<V> {
    last: Option<V>,
    size: u32,
}

#[derive(SessionData)]
#[session(prefix = "outer")]
struct Outer {
    visits: u32,
    #[session(flatten)]
    page: Page<u8>,
    #[session(flatten)]
    auth: releases::Prefixed,
}

/// The file that is looked for.
fn file_of(check: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let told = panic_of(check).unwrap();
    let (_, rest) = told.split_once(concat!(env!("CARGO_MANIFEST_DIR"), "/")).unwrap_or_else(|| panic!("{told}"));
    rest.split_once(';').unwrap().0.to_owned()
}

#[test]
fn without_a_second_argument_the_file_is_beside_the_manifest() {
    assert_eq!(file_of(|| assert_schema!(Outer)), "session-schemas/Outer.txt");
    assert_eq!(file_of(|| assert_schema!(Outer,)), "session-schemas/Outer.txt");
}

#[test]
fn the_default_file_has_the_schemas_name_and_arguments() {
    assert_eq!(file_of(|| assert_schema!(releases::first::Shop)), "session-schemas/Shop.txt");
    assert_eq!(file_of(|| assert_schema!(Page<u8>)), "session-schemas/Page_u8_.txt");
    assert_eq!(file_of(|| assert_schema!(crate::names::Page<std::primitive::u8>)), "session-schemas/Page_u8_.txt");
    assert_ne!(file_of(|| assert_schema!(Page<u8>)), file_of(|| assert_schema!(Page<u16>)));
}

#[test]
fn a_relative_file_is_beside_the_manifest() {
    assert_eq!(file_of(|| assert_schema!(Outer, "schemas/outer.txt")), "schemas/outer.txt");
}

#[test]
fn a_file_may_be_named_by_a_path() {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("outer.txt");
    let told = panic_of(|| assert_schema!(Outer, file)).unwrap();
    assert!(told.contains(file.to_str().unwrap()), "{told}");
    let borrowed: &Path = &file;
    assert_eq!(panic_of(|| assert_schema!(Outer, borrowed)), Some(told));
    assert_eq!(file_of(|| assert_schema!(Outer, PathBuf::from("schemas/outer.txt"))), "schemas/outer.txt");
}

/// All of its fields, with the keys that they have in the store.
#[test]
fn a_composed_schema_is_written_down_with_the_fields_of_its_slices() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(Outer, file(&folder, "outer"));
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "names::a_composed_schema_is_written_down_with_the_fields_of_its_slices";
    assert!(bless(test, folder.path()).status.success());
    let text = fs::read_to_string(file(folder.path(), "outer")).unwrap();
    let keys: Vec<_> = text.lines().filter(|line| line.starts_with(|first: char| first.is_alphabetic())).collect();
    assert_eq!(keys, ["auth.user", "last", "outer.visits", "size"]);
    assert!(text.contains("schema `Outer`"), "{text}");
    assert_schema!(Outer, file(folder.path(), "outer"));
}

#[test]
fn a_generic_schema_is_written_down_with_each_argument() {
    if let Some(folder) = is_run_again() {
        assert_schema!(Page<u8>, file(&folder, "u8"));
        return assert_schema!(Page<u16>, file(&folder, "u16"));
    }
    let folder = tempfile::tempdir().unwrap();
    assert!(bless("names::a_generic_schema_is_written_down_with_each_argument", folder.path()).status.success());
    assert_schema!(Page<u8>, file(folder.path(), "u8"));
    let told = panic_of(|| assert_schema!(Page<u16>, file(folder.path(), "u8"))).unwrap();
    assert!(told.contains("`last`: values that are stored now can't be read"), "{told}");
}

/// Without the paths of the schema and its arguments: they may move.
#[test]
fn the_heading_names_a_generic_schema_with_its_arguments() {
    if let Some(folder) = is_run_again() {
        assert_schema!(Page<String>, file(&folder, "text"));
        return assert_schema!(Page<HashMap<String, (u8, [releases::UserId; 2])>>, file(&folder, "map"));
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "names::the_heading_names_a_generic_schema_with_its_arguments";
    assert!(bless(test, folder.path()).status.success());
    let heading =
        |name: &str| fs::read_to_string(file(folder.path(), name)).unwrap().lines().next().unwrap().to_owned();
    assert!(heading("text").contains("`Page<String>`"), "{}", heading("text"));
    assert!(heading("map").contains("`Page<HashMap<String, (u8, [UserId; 2])>>`"), "{}", heading("map"));
}
