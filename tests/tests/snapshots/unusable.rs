//! Files that can't be compared, which is another thing than a schema that has changed.

use std::fs;
use std::path::Path;

use session_runtime::assert_schema;
use tempfile::TempDir;

use crate::{bless, blessed, file, is_run_again, panic_of, releases};

/// What is told of a file with these bytes, and whether blessing leaves them as they are.
fn told_of(test: &str, bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "shop");
    fs::write(&file, bytes).unwrap();
    let told = panic_of(|| assert_schema!(releases::first::Shop, &file)).unwrap();
    assert!(told.contains(&file), "{told}");
    assert_not_blessed(test, &folder);
    assert_eq!(fs::read(&file).unwrap(), bytes);
    told
}

fn assert_not_blessed(test: &str, folder: &TempDir) {
    let output = bless(&format!("unusable::{test}"), folder.path());
    assert!(!output.status.success(), "{output:?}");
}

fn check_again(folder: &Path) {
    assert_schema!(releases::first::Shop, file(folder, "shop"));
}

/// It is there: that it must be written down would be the wrong advice.
#[test]
fn a_file_that_cant_be_read_is_told() {
    if let Some(folder) = is_run_again() {
        return check_again(&folder);
    }
    let told = told_of("a_file_that_cant_be_read_is_told", &[0xff, 0xfe]);
    assert!(told.contains("can't be read") && !told.contains("SESSION_SCHEMA"), "{told}");
}

#[test]
fn a_folder_in_its_place_is_told() {
    if let Some(folder) = is_run_again() {
        return check_again(&folder);
    }
    let folder = tempfile::tempdir().unwrap();
    let file = file(folder.path(), "shop");
    fs::create_dir(&file).unwrap();
    let told = panic_of(|| assert_schema!(releases::first::Shop, &file)).unwrap();
    assert!(told.contains(&file) && told.contains("can't be read"), "{told}");
    assert_not_blessed("a_folder_in_its_place_is_told", &folder);
}

/// Neither side would be compared with; and blessing would lose what is gone on one of them.
#[test]
fn the_marks_of_a_merge_are_told() {
    if let Some(folder) = is_run_again() {
        return check_again(&folder);
    }
    let text = fs::read_to_string(file(blessed(&["first"]).path(), "shop")).unwrap();
    let merged = text.replace("    rotate\n", "<<<<<<< HEAD\n    rotate\n=======\n    lazy\n>>>>>>> other\n");
    let first = text.lines().position(|line| line == "    rotate").unwrap() + 1;
    let told = told_of("the_marks_of_a_merge_are_told", merged.as_bytes());
    assert!(told.contains(&format!("marks of a merge (line {first})")), "{told}");
    // Half settled.
    let rest = text.replace("    rotate\n", "    rotate\n>>>>>>> other\n");
    let told = told_of("the_marks_of_a_merge_are_told", rest.as_bytes());
    assert!(told.contains("marks of a merge"), "{told}");
}
