//! The changes that give a session a secret: its beginning, and a sign-in. A plain statement does them for less than the procedure,
//! which has more to look at.
//!
//! It changes nothing where anything is not as it expects, and gives no row then: the procedure is asked what to answer.

use std::time::Duration;

use super::statements::{Statements, Text};
use crate::record::{Basis, ChangeSet, Create, Epoch, Guard, Rotate, RotateKind};

/// Such a change.
#[derive(Debug)]
pub(in crate::store) struct NewSecret<'c> {
    pub(in crate::store) of: Of<'c>,
    /// With what else it says: fields, times, and entries in indexes.
    pub(in crate::store) changes: &'c ChangeSet,
}

/// Who gets it.
#[derive(Debug)]
pub(in crate::store) enum Of<'c> {
    /// Where there are entries in indexes too, this is no such change.
    Nobody {
        create: &'c Create,
        /// How long the session lives, with all that the change set says of it.
        idle: Duration,
        absolute: Duration,
    },
    Session {
        guard: &'c Guard,
        rotate: &'c Rotate,
        epoch: &'c Epoch,
        recognised: Duration,
    },
}

impl<'c> NewSecret<'c> {
    /// The change set as such a change, if it is one.
    pub(in crate::store) fn of(changes: &'c ChangeSet) -> Option<Self> {
        let adds_only = changes.expect.is_empty() && changes.remove.is_empty();
        let of = Of::told(changes).filter(|_| adds_only)?;
        Some(Self { of, changes })
    }

    /// The statement that makes it, if there is one.
    pub(in crate::store) fn statement<'s>(&self, statements: &'s Statements) -> Option<&'s Text> {
        match self.of {
            Of::Nobody { .. } => statements.begin.as_ref(),
            Of::Session { .. } => statements.supersede.as_ref(),
        }
    }
}

impl<'c> Of<'c> {
    fn told(changes: &'c ChangeSet) -> Option<Self> {
        let ChangeSet { basis, rotate, touch, absolute, remember, index, .. } = changes;
        match (basis, rotate) {
            (Basis::Create(create), None) if touch.is_none() && index.is_empty() => Some(Self::Nobody {
                create,
                idle: remember.unwrap_or(create.idle),
                absolute: remember.or(*absolute).unwrap_or(create.absolute),
            }),
            (Basis::Guard(guard @ (Guard::Secret(_) | Guard::Epoch(_))), Some(rotate)) => match &rotate.kind {
                RotateKind::Supersede(epoch, recognised) if index.iter().all(|change| change.value.is_some()) => {
                    Some(Self::Session { guard, rotate, epoch, recognised: *recognised })
                }
                RotateKind::Supersede(..) | RotateKind::Renew(_) => None,
            },
            _ => None,
        }
    }
}
