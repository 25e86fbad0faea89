//! The tokens of the floors that check as much as session-runtime does: an ID, and a secret of which the store has the hash.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest as _, Sha256};

use super::{Failed, Found};

/// For how long a session lives that nobody uses, and for how long at most.
pub(super) const LIFETIMES: (Duration, Duration) =
    (Duration::from_secs(24 * 60 * 60), Duration::from_secs(30 * 24 * 60 * 60));

/// A token.
pub(super) struct Ticket {
    /// Names the session.
    pub(super) id: [u8; 16],
    secret: [u8; 16],
}

impl Ticket {
    /// A fresh one, for this session or a new one.
    pub(super) fn fresh(id: Option<[u8; 16]>) -> Self {
        Self { id: id.unwrap_or_else(|| super::random().to_be_bytes()), secret: super::random().to_be_bytes() }
    }

    /// The one in a cookie.
    pub(super) fn parse(token: &str) -> Found<Self> {
        let half = |range| Some(u128::from_str_radix(token.get(range)?, 16).ok()?.to_be_bytes());
        match (half(0..32), half(32..64)) {
            (Some(id), Some(secret)) if token.len() == 64 => Ok(Self { id, secret }),
            _ => Err(Failed::Stranger),
        }
    }

    /// What the cookie has.
    pub(super) fn text(&self) -> String {
        format!("{:032x}{:032x}", u128::from_be_bytes(self.id), u128::from_be_bytes(self.secret))
    }

    /// What the store has of the secret.
    pub(super) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }
}

/// How long ago 1970 was.
pub(super) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970")
}

/// A revision that no other write has.
pub(super) fn revision() -> i64 {
    (super::random() >> 65) as i64
}

/// The number in these bytes.
pub(super) fn number(bytes: &[u8]) -> Found<u64> {
    Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| Failed::Stranger)?))
}
