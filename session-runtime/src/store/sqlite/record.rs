//! The record in an answer: one text.

use super::text::Text;
use crate::record::{Epoch, Meta, Previous, PreviousKind};
use crate::token::SecretHash;

/// The record in the text that the view `session_texts` makes of it.
pub(super) fn of(text: &[u8]) -> Option<Meta> {
    let text = &mut Text::new(text);
    let (secret_since, created) = (text.time()?, text.time()?);
    let (idle_deadline, absolute_deadline) = (text.time()?, text.time()?);
    let (authenticated, persistent) = (text.time_or_null()?, text.number()? != 0);
    let (renewed, until) = (text.number_or_null()?, text.time_or_null()?);
    let (epoch, secret_hash) = (Epoch::from_bytes(text.array()?), SecretHash::from_bytes(text.array()?));
    let previous = match renewed {
        Some(renewed) => Some(Previous {
            hash: SecretHash::from_bytes(text.array()?),
            kind: if renewed == 0 { PreviousKind::Superseded } else { PreviousKind::Renewed },
            until,
        }),
        None => None,
    };
    Some(Meta {
        secret_hash,
        secret_since,
        previous,
        epoch,
        created,
        idle_deadline,
        absolute_deadline,
        authenticated,
        persistent,
    })
}
