//! The few sessions that all workers work on.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, MutexGuard, PoisonError};

use session_runtime::{SessionId, Token};

/// The token that opens the session of each slot, as far as is known here.
pub struct Slots {
    tokens: Mutex<Vec<Option<Token>>>,
    /// Tells the other processes.
    tell: Box<dyn Fn(usize, Token) + Send + Sync>,
}

impl Slots {
    /// So many slots without sessions; `tell` is called with what is new.
    pub fn new(slots: usize, tell: impl Fn(usize, Token) + Send + Sync + 'static) -> Self {
        Self { tokens: Mutex::new(vec![None; slots]), tell: Box::new(tell) }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.tokens().len()
    }

    /// What opens this slot's session.
    pub fn token(&self, slot: usize) -> Option<Token> {
        self.tokens()[slot]
    }

    /// Puts a token in the place of another, unless somebody else has done so. Says whether it did.
    pub fn replace(&self, slot: usize, old: Option<Token>, new: Token) -> bool {
        let is_old = {
            let mut tokens = self.tokens();
            let is_old = tokens[slot].map(|token| secret(&token)) == old.map(|token| secret(&token));
            if is_old {
                tokens[slot] = Some(new);
            }
            is_old
        };
        if is_old {
            (self.tell)(slot, new);
        }
        is_old
    }

    /// Takes in what one process tells, and tells it to all, so that all end up with the same.
    pub fn share(&self, slot: usize, token: Token) {
        self.learn(slot, token);
        (self.tell)(slot, token);
    }

    /// Takes in what another process tells.
    pub fn learn(&self, slot: usize, token: Token) {
        self.tokens()[slot] = Some(token);
    }

    fn tokens(&self) -> MutexGuard<'_, Vec<Option<Token>>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Slots {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Slots").field("count", &self.count()).finish_non_exhaustive()
    }
}

/// The number by which a history names a session.
pub(super) fn name(id: SessionId) -> u64 {
    let bytes = id.as_bytes();
    u64::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]])
}

/// The number by which a history names a secret: the same in each process.
pub fn secret(token: &Token) -> u64 {
    let mut hasher = DefaultHasher::new();
    token.to_string().hash(&mut hasher);
    hasher.finish()
}
