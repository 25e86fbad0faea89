//! What became of a call, and what that says about the registers.

use session_runtime::SessionError;

use super::step::{Seen, Step};
use super::{Action, Operation, Register};

/// A secret that nobody will ever present: it was made in a call whose answer was lost.
const ORPHAN: u64 = u64::MAX;

/// Whose session a call is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holder {
    pub(super) session: u64,
    /// What opened it.
    pub(super) secret: u64,
    /// When it was called to be opened.
    pub(super) opened: u64,
    /// No other call is made on this handle at the same time.
    pub(super) alone: bool,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    /// It may have been done, or may still be.
    Unknown,
    /// The session has ended, or has another holder.
    Gone,
    /// It certainly did nothing.
    Failed,
}

impl Ended {
    pub(super) fn of(result: &Result<(), SessionError>, lost: bool) -> Self {
        match result {
            Ok(()) => Self::Done,
            Err(SessionError::Gone) => Self::Gone,
            Err(SessionError::Store(error)) if error.is_outcome_unknown() => Self::Unknown,
            Err(_) if lost => Self::Unknown,
            Err(_) => Self::Failed,
        }
    }
}

/// A call that was answered, or given up.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) step: Step,
    pub(super) holder: Holder,
    pub(super) called: u64,
    pub(super) returned: u64,
    pub(super) ended: Ended,
    /// An answer to it was lost.
    pub(super) lost: bool,
    pub(super) seen: &'a Seen,
    /// The secret that opens the session after it, as far as the handle knows.
    pub(super) after: Option<u64>,
}

impl Call<'_> {
    /// What is written down.
    pub(super) fn operations(&self) -> Vec<Operation> {
        let known = |action| self.operation(action, true);
        let unknown = |action| self.operation(action, false);
        match self.ended {
            Ended::Done => self.field(true).into_iter().chain(self.endings()).chain(self.secret()).map(known).collect(),
            Ended::Unknown => self.field(false).into_iter().chain(self.secret_in_doubt()).map(unknown).collect(),
            Ended::Gone => {
                let other = Action::ReadOther(Some(self.holder.secret));
                let other = self.holder.alone.then(|| known((Register::Secret, other)));
                // It may have been done when it was first asked, before the session ended.
                let first = self.field(false).into_iter().chain(self.secret_in_doubt()).filter(|_| self.lost);
                first.map(unknown).chain(other).collect()
            }
            Ended::Failed => Vec::new(),
        }
    }

    fn operation(&self, (register, action): (Register, Action), known: bool) -> Operation {
        Operation {
            session: self.holder.session,
            register,
            action,
            called: if self.is_told_by_the_first_load() { self.holder.opened } else { self.called },
            returned: known.then_some(self.returned),
            again: self.lost,
        }
    }

    /// Whether the store may not have been asked: that a lazy field is absent is known since the session was opened.
    fn is_told_by_the_first_load(&self) -> bool {
        matches!(self.step, Step::Read) && self.seen() == Some(None)
    }

    fn seen(&self) -> Option<Option<u64>> {
        *self.seen.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn field(&self, done: bool) -> Option<(Register, Action)> {
        let seen = self.seen();
        let is_read = matches!(self.step, Step::Read);
        let found_nothing = matches!(self.step.action(seen), Some((_, Action::Read(None) | Action::Swap(None, None))));
        if (is_read || found_nothing) && self.after != Some(self.holder.secret) {
            // Of a session with another holder, or that has ended, everything is absent.
            return None;
        }
        let action = self.step.action(seen);
        if done { action } else { action.or_else(|| self.step.intent()).filter(|_| !is_read) }
    }

    /// An ending is one of every field.
    fn endings(&self) -> impl Iterator<Item = (Register, Action)> + use<> {
        let ended = matches!(self.step, Step::Destroy);
        let fields = Register::ALL.into_iter().filter(|register| *register != Register::Secret);
        fields.filter(move |_| ended).map(|register| (register, Action::End))
    }

    /// What a call that was done says about the secret: its guard held.
    fn secret(&self) -> Option<(Register, Action)> {
        let held = Some(self.holder.secret);
        let action = match (self.step, self.after) {
            (Step::Destroy, _) => Action::EndBy(held),
            (step, after) if step.rotates() && after.is_some() && after != held => Action::Swap(held, after),
            (_, after) if after == held => Action::Read(held),
            (_, None) if self.holder.alone => Action::ReadOther(held),
            // A call beside this one may have replaced it, before or after.
            _ => return None,
        };
        Some((Register::Secret, action))
    }

    fn secret_in_doubt(&self) -> Option<(Register, Action)> {
        let held = Some(self.holder.secret);
        let action = match self.step {
            Step::Destroy => Action::EndBy(held),
            step if step.rotates() => {
                let after = self.after.filter(|after| *after != self.holder.secret);
                Action::Swap(held, Some(after.unwrap_or(ORPHAN)))
            }
            _ => return None,
        };
        Some((Register::Secret, action))
    }
}
