//! The shop's program: built, started, and ended.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::LIMIT;

/// The shop's program. Built in the workspace's root, where it has the features that it has in `cargo test`: most
/// often there is nothing left to build.
static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--example", "shop", "--message-format", "json-render-diagnostics"])
        .current_dir(root)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo runs");
    assert!(built.status.success(), "the shop does not build");
    let messages = built.stdout.lines().map(|line| serde_json::from_str(&line.expect("text")).expect("JSON"));
    let executable = |message: serde_json::Value| match &message["target"]["name"] {
        name if name == "shop" => Some(message["executable"].as_str()?.into()),
        _ => None,
    };
    messages.filter_map(executable).next().expect("cargo names the program")
});

/// What the shop has logged, in its folder.
const LOG: &str = "log";

/// A shop that is open until this is dropped, however the test ends.
pub(crate) struct Shop {
    pub(crate) process: Child,
    pub(crate) address: String,
}

impl Shop {
    pub(crate) fn open(folder: &TempDir) -> Self {
        Self::with(folder, &[])
    }

    /// With these arguments beside the address and the database.
    pub(crate) fn with(folder: &TempDir, arguments: &[&str]) -> Self {
        Self::on(folder, folder.path().join("shop.db"), arguments)
    }

    /// With its sessions at this place.
    pub(crate) fn on(folder: &TempDir, store: impl AsRef<OsStr>, arguments: &[&str]) -> Self {
        let mut process = command(0, store)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(File::options().append(true).create(true).open(folder.path().join(LOG)).expect("a file"))
            .spawn()
            .expect("the shop starts");
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines().map_while(Result::ok);
        let address = lines.find_map(|line| Some(line[line.find("http://")?..].trim().to_owned()));
        let shop = Self { process, address: address.unwrap_or_default() };
        assert!(shop.address.starts_with("http://127.0.0.1:"), "the shop must print its address");
        shop
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub(crate) fn command(port: u16, store: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(&*PROGRAM);
    command.arg("--port").arg(port.to_string()).arg("--store").arg(store).stdin(Stdio::null());
    command
}

/// What shops in this folder have logged.
pub(crate) fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join(LOG)).expect("a log")
}

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < LIMIT, "waited too long for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
