//! Random operations on a few sessions, written down as they are called and answered, for a checker to judge.
//!
//! Each session is five registers: what its fields hold, and who its holder is. A call of the public API is written down as
//! operations on those registers that it read or wrote. Calls go on in several tasks, on several nodes (managers with stores
//! of their own) and in several processes at once, while answers are lost, and servers die.

mod call;
mod clock;
mod log;
mod nodes;
mod operation;
mod page;
mod slots;
mod step;
mod witness;
mod worker;

pub use clock::now;
pub use log::{Kept, Line, Log, Told};
pub use nodes::{Kind, open};
pub use operation::{Action, Operation, Register};
pub use slots::{Slots, secret};
pub use witness::Witness;
pub use worker::Worker;

use session_runtime::SessionData;

/// The session data of the histories.
#[derive(Clone, Debug, PartialEq, Eq, SessionData)]
pub struct Registers {
    /// A field like most.
    pub plain: Option<u64>,
    /// One that is not loaded with the others.
    #[session(lazy)]
    pub long: Option<u64>,
    /// One whose writes replace the secret.
    #[session(rotate)]
    pub user: Option<u64>,
    /// Always written together with `right`, and to the same value.
    pub left: Option<u64>,
    /// Always written together with `left`.
    pub right: Option<u64>,
}
