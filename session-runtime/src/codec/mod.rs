//! Values as bytes and back.
//!
//! A stored value is an envelope (`envelope`), which says how and as what it was written, around what bincode or JSON made of
//! the value. What a type is made of is found out by `shape`; a value whose envelope names another shape than that of the type
//! it is to be read as is never read.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

mod bincode;
mod bounded;
mod conform;
mod envelope;
mod json;
mod scratch;
pub(crate) mod shape;

pub(crate) use envelope::{Envelope, NOT_SEALED, SEALED, Written};
use shape::{Shape, shape_of};

/// The most bytes that one encoded value may take.
pub(crate) const MAX_VALUE_BYTES: usize = 8 * 1024 * 1024;

/// The deepest that a value may contain values.
const MAX_DEPTH: usize = 128;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// Compact; reads only what it knows the shape of.
    Bincode,
    /// For types that ask what comes: `untagged`, internally tagged, `flatten`, `serde_json::Value`.
    Json,
}

/// Why a value did not encode or decode.
#[derive(Debug)]
pub struct CodecError(Box<dyn std::error::Error + Send + Sync>);

impl CodecError {
    pub(crate) fn new(reason: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
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

impl Codec {
    const ALL: [Self; 2] = [Self::Bincode, Self::Json];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bincode => "bincode",
            Self::Json => "json",
        }
    }

    /// The shape that `V` has when it is written so.
    pub(crate) fn shape_of<V: DeserializeOwned + 'static>(self) -> &'static Shape {
        shape_of::<V>(self == Self::Json)
    }
}

/// What helps wherever bincode does not.
const REMEDY: &str = "add `#[session(codec = \"json\")]` to the field";

/// Whether values of this shape can be read back.
///
/// # Errors
/// Says why not, and what to do.
pub(crate) fn check(shape: &Shape, codec: Codec) -> Result<(), CodecError> {
    match codec {
        Codec::Bincode => bincode::check(shape),
        Codec::Json => json::check(shape),
    }
}

/// The bytes that are stored for `value`. Their size is not checked here.
pub(crate) fn encode<V>(value: &V, codec: Codec, version: u32) -> Result<Arc<[u8]>, CodecError>
where
    V: Serialize + DeserializeOwned + 'static,
{
    let shape = codec.shape_of::<V>();
    scratch::exactly(|bytes| {
        Written { codec, version, fingerprint: shape.fingerprint() }.begin(bytes);
        match codec {
            Codec::Bincode => bincode::encode_into(bytes, value, shape),
            Codec::Json => json::encode_into(bytes, value),
        }
    })
}

/// The value that was stored, if it was written in this version as the `V` of this program; else `None`.
pub(crate) fn decode<V>(stored: &Envelope<'_>, version: u32) -> Result<Option<V>, CodecError>
where
    V: DeserializeOwned + 'static,
{
    let shape = stored.written.codec.shape_of::<V>();
    if stored.written.version != version || stored.written.fingerprint != shape.fingerprint() {
        return Ok(None);
    }
    match stored.written.codec {
        Codec::Bincode => bincode::decode(stored.payload, shape).map(Some),
        Codec::Json => json::decode(stored.payload).map(Some),
    }
}
