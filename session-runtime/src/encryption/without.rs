//! What takes the place of encryption in a build without it: nothing that exists.

use std::sync::Arc;

use crate::record::Revision;
use crate::token::{SessionId, ValueKey};

#[derive(Debug)]
pub(crate) enum Encryption {}

impl Encryption {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match *self {}
    }

    pub(crate) fn is_by_token(&self) -> bool {
        match *self {}
    }

    pub(crate) fn accepts_unsealed(&self) -> bool {
        match *self {}
    }

    pub(crate) fn seal(&self, _: &Place<'_>, _: Option<&ValueKey>, _: &[u8]) -> Arc<[u8]> {
        match *self {}
    }

    pub(crate) fn open(&self, _: &Place<'_>, _: Option<&ValueKey>, _: &[u8]) -> Option<Arc<[u8]>> {
        match *self {}
    }

    pub(crate) fn index_texts(&self, _: &str, _: &str) -> Vec<String> {
        match *self {}
    }
}

/// Where a value is stored.
#[derive(Debug)]
#[expect(dead_code, reason = "nobody can ask for it to be sealed")]
pub(crate) struct Place<'p> {
    pub(crate) session: SessionId,
    pub(crate) key: &'p str,
    pub(crate) revision: Revision,
}
