//! All that anything in this process logs, at every level.

use std::io;
use std::sync::{LazyLock, Mutex};

use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Where the log begins that belongs to a test: other tests may log too meanwhile.
pub(crate) struct Log {
    from: usize,
}

impl Log {
    /// Begins here.
    pub(crate) fn begin() -> Self {
        static COLLECTED: LazyLock<()> = LazyLock::new(|| {
            let log = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_ansi(false).with_writer(Writer);
            // Takes in what is logged by way of the crate `log` too.
            log.init();
        });
        LazyLock::force(&COLLECTED);
        Self { from: TEXT.lock().unwrap().len() }
    }

    /// What was logged since.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        TEXT.lock().unwrap()[self.from..].to_vec()
    }

    /// The lines that contain all of these.
    pub(crate) fn lines(&self, parts: &[&str]) -> Vec<String> {
        let text = String::from_utf8_lossy(&self.bytes()).into_owned();
        text.lines().filter(|line| parts.iter().all(|part| line.contains(part))).map(str::to_owned).collect()
    }
}

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        TEXT.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Writer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}
