//! What is written down.

use serde::{Deserialize, Serialize};

/// A part of a session that is checked by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Register {
    /// Who holds the session: the secret that opens it.
    Secret,
    /// The field `plain`.
    Plain,
    /// The field `long`.
    Long,
    /// The field `user`.
    User,
    /// The fields `left` and `right`: one register, for they are written together only.
    Pair,
}

impl Register {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Secret, Self::Plain, Self::Long, Self::User, Self::Pair];
}

/// What an operation did to a register, or saw of it. `None` is an absent value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Action {
    /// The session was created, with this in the register.
    Begin(Option<u64>),
    /// This was found.
    Read(Option<u64>),
    /// This was not found: there was something else, or no session.
    ReadOther(Option<u64>),
    /// One field of a pair was found to have another value than the other one.
    ReadTorn(Option<u64>, Option<u64>),
    /// This was written whatever there was.
    Write(Option<u64>),
    /// The first was found and replaced by the second, at one moment.
    Swap(Option<u64>, Option<u64>),
    /// The session was ended by whoever held this secret, or had ended already.
    EndBy(Option<u64>),
    /// The session was ended by whoever, or had ended already.
    End,
}

/// One operation on one register of one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// Which session: a part of its ID.
    pub session: u64,
    /// What of it.
    pub register: Register,
    /// What was done.
    pub action: Action,
    /// When it was called, by [`now`](super::now).
    pub called: u64,
    /// When it was answered; `None` when it is not known whether it was done, and it may still be.
    pub returned: Option<u64>,
    /// It was asked more than once, for an answer was lost.
    pub again: bool,
}
