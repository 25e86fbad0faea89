//! One call of the public API, and what it does to which registers.

use std::sync::{Arc, Mutex, PoisonError};

use session_runtime::{Field, Result, Session};

use super::{Action, Register, Registers};

/// One call.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Set(Register, u64),
    /// Replaces what there is by this, or removes it.
    Update(Register, Option<u64>),
    Take(Register),
    Remove(Register),
    /// Both fields of the pair, in one commit; on a handle that collects.
    Pair(Option<u64>),
    /// Reads the lazy field.
    Read,
    Regenerate,
    Destroy,
}

/// What an update or a take last saw, whatever became of it.
pub(super) type Seen = Arc<Mutex<Option<Option<u64>>>>;

impl Step {
    /// The operations of the call, once it was done; `None` where it did nothing that is known.
    pub(super) fn action(self, seen: Option<Option<u64>>) -> Option<(Register, Action)> {
        match self {
            Self::Set(register, value) => Some((register, Action::Write(Some(value)))),
            Self::Update(register, new) => seen.map(|seen| (register, Action::Swap(seen, new))),
            Self::Take(register) => seen.map(|seen| (register, Action::Swap(seen, None))),
            Self::Remove(register) => Some((register, Action::Write(None))),
            Self::Pair(value) => Some((Register::Pair, Action::Write(value))),
            Self::Read => seen.map(|seen| (Register::Long, Action::Read(seen))),
            Self::Regenerate | Self::Destroy => None,
        }
    }

    /// What it may have done to a register though nobody has heard of it.
    pub(super) fn intent(self) -> Option<(Register, Action)> {
        match self {
            Self::Update(register, value) => Some((register, Action::Write(value))),
            Self::Take(register) => Some((register, Action::Write(None))),
            Self::Read => None,
            _ => self.action(None),
        }
    }

    /// Whether it replaces the secret.
    pub(super) fn rotates(self) -> bool {
        matches!(
            self,
            Self::Regenerate
                | Self::Set(Register::User, _)
                | Self::Update(Register::User, _)
                | Self::Take(Register::User)
                | Self::Remove(Register::User)
        )
    }

    pub(super) async fn perform(self, session: &Session<Registers>, seen: &Seen) -> Result<()> {
        let note = |value| *seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
        match self {
            Self::Set(register, value) => session.set(field(register), value).await,
            Self::Update(register, new) => {
                let change = |value: &mut Option<u64>| note(std::mem::replace(value, new));
                session.update(field(register), change).await
            }
            Self::Take(register) => session.take(field(register)).await.map(note),
            Self::Remove(register) => session.remove(field(register)).await,
            Self::Pair(Some(value)) => {
                session.set_left(value).await?;
                session.set_right(value).await?;
                session.commit().await
            }
            Self::Pair(None) => {
                session.remove_left().await?;
                session.remove_right().await?;
                session.commit().await
            }
            Self::Read => session.long().await.map(note),
            Self::Regenerate => session.regenerate().await,
            Self::Destroy => session.destroy().await,
        }
    }
}

fn field(register: Register) -> &'static Field<Registers, u64> {
    match register {
        Register::Long => &Registers::LONG,
        Register::User => &Registers::USER,
        _ => &Registers::PLAIN,
    }
}
