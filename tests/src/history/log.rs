//! Where operations are written down.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Operation;

/// Where the workers write down what they do.
pub trait Log: Send + Sync {
    /// The call of this number begins: what it may do if nobody hears of it again.
    fn begin(&self, call: u64, intents: &[Operation]);

    /// What the call turned out to be.
    fn end(&self, call: u64, operations: Vec<Operation>);
}

/// The log of a process whose end ends the test.
#[derive(Debug, Default)]
pub struct Kept(Mutex<Vec<Operation>>);

impl Kept {
    /// All that was written down.
    pub fn take(&self) -> Vec<Operation> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Log for Kept {
    fn begin(&self, _call: u64, _intents: &[Operation]) {}

    fn end(&self, _call: u64, mut operations: Vec<Operation>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(&mut operations);
    }
}

/// A line that a worker process and the test tell each other.
#[derive(Debug, Serialize, Deserialize)]
pub enum Line {
    /// [`Log::begin`].
    Begin(u64, Vec<Operation>),
    /// [`Log::end`].
    End(u64, Vec<Operation>),
    /// This token opens this slot's session.
    Slot(usize, String),
    /// So many calls were made; there will be no more.
    Done(u64),
}

impl Line {
    /// As text, with the end of the line.
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap() + "\n"
    }

    /// What the text says; `None` for one whose writer was killed.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

/// The log of a process that may be killed at any time: what it did is told at once.
#[derive(Clone, Copy, Debug)]
pub struct Told;

impl Told {
    /// Tells a line.
    pub fn tell(line: &Line) {
        // In one piece: each of several tasks does so.
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        out.write_all(line.text().as_bytes()).and_then(|()| out.flush()).unwrap();
    }
}

impl Log for Told {
    fn begin(&self, call: u64, intents: &[Operation]) {
        Self::tell(&Line::Begin(call, intents.to_vec()));
    }

    fn end(&self, call: u64, operations: Vec<Operation>) {
        Self::tell(&Line::End(call, operations));
    }
}
