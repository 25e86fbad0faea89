//! The clock of a server, which can be moved while it runs.

use std::fs;

use tempfile::TempDir;

/// Moved by libfaketime, for the servers that are started under it. Not for Redis: as Debian builds it, with jemalloc, it does not
/// start under it.
#[derive(Debug)]
pub struct ServerClock(TempDir);

impl ServerClock {
    /// One that is right.
    pub fn new() -> Self {
        // For the users too that servers belong to.
        let permissions = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        let clock = Self(tempfile::Builder::new().permissions(permissions).tempdir().unwrap());
        clock.put(0);
        clock
    }

    /// Puts it so many seconds after the right time.
    pub fn put(&self, seconds: i64) {
        // Whole or not at all: the server reads it whenever it wants to know the time.
        let next = self.0.path().join("next");
        fs::write(&next, format!("{seconds:+}")).unwrap();
        fs::rename(next, self.file()).unwrap();
    }

    /// What a server has to be told when it is started.
    pub(super) fn environment(&self) -> Environment {
        vec![
            ("LD_PRELOAD", env!("LIBFAKETIME").to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.file().display().to_string()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // How long something takes is measured with another clock, which nobody moves.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }

    fn file(&self) -> std::path::PathBuf {
        self.0.path().join("offset")
    }
}

impl Default for ServerClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Variables of a process.
pub(super) type Environment = Vec<(&'static str, String)>;
