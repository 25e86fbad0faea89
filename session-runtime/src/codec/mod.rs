//! Values as bytes and back.
//!
//! A stored value is one byte that names the codec, then what that codec made of the value.

use std::fmt;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

mod bincode;

/// The most bytes that one encoded value may take.
pub(crate) const MAX_VALUE_BYTES: usize = 8 * 1024 * 1024;

/// The first byte of a value that was encoded by bincode 2, variable-length integers.
const BINCODE: u8 = 1;

/// Why a value did not encode or decode.
#[derive(Debug)]
pub struct CodecError(Box<dyn std::error::Error + Send + Sync>);

impl CodecError {
    fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for CodecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// The bytes that are stored for `value`. Their size is not checked here.
pub(crate) fn encode<V: Serialize>(value: &V) -> Result<Bytes, CodecError> {
    let mut bytes = vec![BINCODE];
    bincode::encode_into(&mut bytes, value)?;
    Ok(bytes.into())
}

/// The value that was stored as `bytes`.
pub(crate) fn decode<V: DeserializeOwned>(bytes: &[u8]) -> Result<V, CodecError> {
    match bytes.split_first() {
        Some((&BINCODE, payload)) => bincode::decode(payload),
        Some((codec, _)) => Err(CodecError::new(format!("written by codec {codec}, which this version does not know"))),
        None => Err(CodecError::new("no bytes at all")),
    }
}
