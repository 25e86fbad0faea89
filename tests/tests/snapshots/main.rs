//! `assert_schema!`: what is written down about a schema, and what a team is told when a release changes it.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod breaking;
mod file;
mod gone;
mod harmless;
mod names;
mod older;
mod releases;
mod suspect;
mod unusable;

use std::panic::{UnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use session_runtime::assert_schema;
use tempfile::TempDir;

/// Names the folder into which a test that runs itself again writes.
const FOLDER: &str = "SNAPSHOTS_FOLDER";

/// Names the release that `blessing_writes_a_release` writes down.
const RELEASE: &str = "SNAPSHOTS_RELEASE";

/// What a release is told, where others were written down, one after another in the same file. `None`: nothing has changed.
macro_rules! told {
    ($($before:ident),+ => $after:ident) => {{
        let folder = $crate::blessed(&[$(stringify!($before)),+]);
        let file = $crate::file(folder.path(), "shop");
        $crate::panic_of(|| session_runtime::assert_schema!($crate::releases::$after::Shop, file))
    }};
}

use told;

/// A folder with the file `shop`, into which these releases were written, one after another.
fn blessed(releases: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for release in releases {
        let test = "blessing_writes_a_release";
        let output = test_again(test, folder.path(), "bless").env(RELEASE, release).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    folder
}

/// What these releases, one after another, leave in their file.
fn text_after(releases: &[&str]) -> String {
    fs::read_to_string(file(blessed(releases).path(), "shop")).unwrap()
}

/// What the file says of a field, without the indentation.
fn section<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let lines = text.lines().skip_while(|line| *line != key).skip(1);
    lines.map_while(|line| line.strip_prefix("    ")).collect()
}

/// The part of what is told that is about this field.
#[track_caller]
fn of_field<'t>(told: &'t str, field: &str) -> &'t str {
    let mut items = told.split("\n- ").skip(1);
    items.find(|item| item.starts_with(&format!("`{field}`"))).unwrap_or_else(|| panic!("nothing of {field}: {told}"))
}

/// The file of a release, or of anything else, in a folder.
fn file(folder: &Path, name: &str) -> String {
    folder.join(name).with_extension("txt").to_str().unwrap().to_owned()
}

/// What this panics with.
fn panic_of(check: impl FnOnce() + UnwindSafe) -> Option<String> {
    // Else nothing would be compared.
    assert_eq!(env::var_os("SESSION_SCHEMA"), None, "these tests run without it, or set it themselves");
    let panic = catch_unwind(check).err()?;
    Some(*panic.downcast::<String>().unwrap())
}

/// Runs one of these tests again, with what writes schemas down: a variable can't be set safely in this process.
fn bless(test: &str, folder: &Path) -> Output {
    test_again(test, folder, "bless").output().unwrap()
}

fn test_again(test: &str, folder: &Path, schema: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(["--exact", test]).env("SESSION_SCHEMA", schema).env(FOLDER, folder);
    command
}

/// The folder, in a test that was run again.
fn is_run_again() -> Option<PathBuf> {
    env::var_os(FOLDER).map(PathBuf::from)
}

/// A release is what was written of it; all other tests compare two.
#[test]
fn blessing_writes_a_release() {
    if let Some(folder) = is_run_again() {
        return releases::assert_schema_of(&env::var(RELEASE).unwrap(), &file(&folder, "shop"));
    }
    let folder = blessed(&["first"]);
    assert_schema!(releases::first::Shop, file(folder.path(), "shop"));
}

#[test]
fn another_word_than_bless_writes_nothing() {
    if let Some(folder) = is_run_again() {
        return assert_schema!(releases::first::Shop, file(&folder, "first"));
    }
    let folder = tempfile::tempdir().unwrap();
    let output = test_again("another_word_than_bless_writes_nothing", folder.path(), "1").output().unwrap();
    assert!(!output.status.success(), "{output:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
