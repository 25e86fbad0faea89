//! How long sessions and their tokens live.

use std::time::Duration;

use crate::error::SessionError;
use crate::record::{Create, Epoch};
use crate::token::SecretHash;

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longer than anybody waits, and short enough for every store to add to a time.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Refuses what no session can live for.
pub(crate) fn check(name: &'static str, life: Duration) -> Result<(), SessionError> {
    match (Duration::from_secs(1)..=LONGEST).contains(&life) {
        true => Ok(()),
        false => Err(SessionError::config(format!("`{name}` must be between one second and 100 years"))),
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Lifetimes {
    /// Without use.
    pub(crate) idle: Duration,
    /// However much used.
    pub(crate) absolute: Duration,
    /// When the token never came back.
    pub(crate) unconfirmed: Duration,
    /// The age at which a secret is renewed.
    pub(crate) renew_after: Option<Duration>,
    /// How long a renewed secret is good after its successor came.
    pub(crate) renewal_grace: Duration,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self {
            idle: DAY,
            absolute: 30 * DAY,
            unconfirmed: HOUR,
            renew_after: None,
            renewal_grace: Duration::from_secs(60),
        }
    }
}

impl Lifetimes {
    /// The beginning of a session with this secret.
    pub(crate) fn begin(&self, secret_hash: SecretHash) -> Create {
        let epoch = Epoch::first(&secret_hash);
        Create { secret_hash, epoch, idle: self.unconfirmed.min(self.idle), absolute: self.absolute }
    }

    pub(crate) fn check(&self) -> Result<(), SessionError> {
        let named = [
            ("idle_timeout", Some(self.idle)),
            ("absolute_timeout", Some(self.absolute)),
            ("unconfirmed_timeout", Some(self.unconfirmed)),
            ("renew_after", self.renew_after),
        ];
        for (name, duration) in named {
            duration.map_or(Ok(()), |duration| check(name, duration))?;
        }
        if self.renewal_grace > LONGEST {
            return Err(SessionError::config("`renewal_grace` must be at most 100 years"));
        }
        if self.idle > self.absolute {
            return Err(SessionError::config(
                "`idle_timeout` is longer than `absolute_timeout`: it would never take effect; raise the absolute one",
            ));
        }
        Ok(())
    }
}
