//! Values on their way between a session and its store: sealed where the manager encrypts, and as they are where it does not.

use std::sync::Arc;

use super::Shared;
use crate::codec::NOT_SEALED;
use crate::codec::SEALED;
use crate::encryption::{Encryption, Place};
use crate::record::{Entry, Revision};
use crate::token::{SessionId, Token, ValueKey};

impl Shared {
    /// A token for a session that does not exist yet.
    pub(crate) fn new_token(&self) -> Token {
        Token::random(self.is_keyed().then(ValueKey::random))
    }

    /// Whether a token has what this manager's have.
    pub(crate) fn is_well_formed(&self, token: &Token) -> bool {
        token.key().is_some() == self.is_keyed()
    }

    /// Whether there may be values that were stored before there was encryption.
    pub(crate) fn accepts_unsealed(&self) -> bool {
        self.encryption.as_ref().is_some_and(Encryption::accepts_unsealed)
    }

    fn is_keyed(&self) -> bool {
        self.encryption.as_ref().is_some_and(|encryption| encryption.is_by_token())
    }

    /// What is stored for a value.
    pub(crate) fn seal(&self, token: &Token, key: &str, revision: Revision, value: Arc<[u8]>) -> Arc<[u8]> {
        match &self.encryption {
            Some(encryption) => encryption.seal(&Place { session: token.id(), key, revision }, token.key(), &value),
            None => value,
        }
    }

    /// The values that were stored. What can't be opened stays: it says so to whoever reads it, and to nobody else.
    pub(crate) fn open<'e>(
        &self,
        session: SessionId,
        token: Option<&Token>,
        entries: impl IntoIterator<Item = (&'static str, &'e mut Option<Entry>)>,
    ) {
        let Some(encryption) = &self.encryption else { return };
        for (key, entry) in entries {
            let Some(Entry { value: Some(value), revision, .. }) = entry else { continue };
            let place = Place { session, key, revision: *revision };
            let is_sealed = value.first() == Some(&SEALED);
            match encryption.open(&place, token.and_then(Token::key), value) {
                Some(opened) => *value = opened,
                None if is_sealed || encryption.accepts_unsealed() => {}
                None => *value = Arc::from([NOT_SEALED]),
            }
        }
    }

    /// What a value is entered under in an index: the first of these. Those after it are from before.
    pub(crate) fn index_texts(&self, index: &str, text: &str) -> Vec<String> {
        match &self.encryption {
            Some(encryption) => encryption.index_texts(index, text),
            None => vec![text.to_owned()],
        }
    }
}
