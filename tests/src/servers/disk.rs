//! A disk that gets full.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A small disk of its own, in memory, until it is dropped. To mount it, the tests must be root's.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// With room for so many megabytes.
    pub fn of(megabytes: u32) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let size = format!("size={megabytes}m");
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(dir.path()).status().unwrap();
        assert!(mounted.success(), "mount: {mounted}");
        Self(dir)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Leaves no room on it.
    pub fn fill(&self) {
        let full = io::copy(&mut io::repeat(1), &mut File::create(self.ballast()).unwrap());
        assert_eq!(full.unwrap_err().kind(), ErrorKind::StorageFull);
    }

    /// Leaves the room that there was before.
    pub fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Whoever has a file open on it still keeps it until then.
        let _ = Command::new("umount").arg("--lazy").arg(self.path()).status();
    }
}
