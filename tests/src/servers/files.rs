//! Folders of servers that refuse to run as root: where the tests do, the folders and the servers are another user's.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use tempfile::TempDir;

/// A fresh folder in this place with what `fill` makes. That takes seconds, and so it makes it once for all tests to copy.
pub(super) fn filled(name: &str, owner: &str, place: &Path, fill: impl Fn(&Path) -> ExitStatus) -> TempDir {
    let template = Path::new(env!("OUT_DIR")).join(name);
    if !template.exists() {
        let made = folder(owner, &std::env::temp_dir());
        let status = fill(made.path());
        assert!(status.success(), "{name}: {status}");
        // Whole or not at all: tests in several processes may be about it.
        let copied = tempfile::tempdir_in(env!("OUT_DIR")).unwrap().keep();
        copy(made.path(), &copied);
        if fs::rename(&copied, &template).is_err() {
            fs::remove_dir_all(copied).unwrap();
        }
    }
    let dir = folder(owner, place);
    copy(&template, dir.path());
    dir
}

/// A program that is run in silence by whom the folder belongs to.
pub(super) fn command(program: &str, dir: &Path) -> Command {
    let owner = fs::metadata(dir).unwrap();
    let mut command = Command::new(program);
    command.uid(owner.uid()).gid(owner.gid()).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// All that the files of a folder hold.
pub(crate) fn contents(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => all.extend(contents(&entry.path())),
            // One that is gone by now had nothing that was to be kept.
            kind if kind.is_file() => all.extend(fs::read(entry.path()).unwrap_or_default()),
            _ => {}
        }
    }
    all
}

/// An empty folder; of this owner where it would be root's.
pub(super) fn folder(owner: &str, place: &Path) -> TempDir {
    let dir = tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o700)).tempdir_in(place).unwrap();
    if fs::metadata(dir.path()).unwrap().uid() == 0 {
        chown(dir.path(), Some(id("-u", owner)), Some(id("-g", owner))).unwrap();
    }
    dir
}

/// A number of a user's.
fn id(kind: &str, user: &str) -> u32 {
    let told = Command::new("id").args([kind, user]).output().unwrap();
    String::from_utf8(told.stdout).unwrap().trim().parse().expect("the server's package has made its user")
}

/// Copies what is in a folder, for the owner of the other.
fn copy(from: &Path, to: &Path) {
    let owner = fs::metadata(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let is_folder = entry.file_type().unwrap().is_dir();
        if is_folder {
            fs::create_dir(&to).unwrap();
        } else {
            fs::copy(&from, &to).unwrap();
        }
        chown(&to, Some(owner.uid()), Some(owner.gid())).unwrap();
        if is_folder {
            copy(&from, &to);
        }
    }
}
