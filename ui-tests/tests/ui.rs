//! Programs that must and must not compile, and what the compiler says of them: one rule per file, named by it.
//!
//! `TRYBUILD=overwrite cargo test -p session-ui-tests` writes the messages anew: read the difference before you keep it.

use std::fs;
use std::path::{Path, PathBuf};

#[rustversion::attr(not(stable(1.95)), ignore = "messages are compared on Rust 1.95")]
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/*.rs");
    cases.compile_fail("fail/*/*.rs");
}

/// One mistake, one error. A case with another number says so, and why, in its first line: `// errors: 2, because …`.
#[test]
fn one_mistake_is_one_error() {
    let cases = programs("fail");
    assert!(cases.len() > 200, "only {} cases were found", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| miscounted(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn miscounted(case: &Path) -> Option<String> {
    let (expected, errors) = (expected_errors(case), headings(&read(&case.with_extension("stderr"))));
    (errors != expected).then(|| format!("{}: {errors} errors, not {expected}", case.display()))
}

fn expected_errors(case: &Path) -> usize {
    let source = read(case);
    let Some(said) = source.lines().next().and_then(|line| line.strip_prefix("// errors: ")) else { return 1 };
    let (number, reason) = said.split_once(", because ").unwrap_or_default();
    assert!(!reason.is_empty(), "{}: no reason is given", case.display());
    number.parse().unwrap_or_else(|_| panic!("{}: `{number}` is no number", case.display()))
}

fn headings(stderr: &str) -> usize {
    stderr.lines().filter(|line| line.starts_with("error:") || line.starts_with("error[")).count()
}

/// All programs in a folder and its folders.
fn programs(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let files = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        entries.map(|entry| entry.expect("an entry of the folder can be read").path()).collect()
    };
    let mut programs: Vec<_> = files(&root).iter().flat_map(|topic| files(topic)).collect();
    programs.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    programs.sort();
    programs
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
