//! The only module that knows bincode, so that it can be replaced.
//!
//! bincode is finished, not maintained (RUSTSEC-2025-0141); 2.0.1 is the last version that builds. Its traps that are met here:
//! a hostile length aborts the process unless decoding is limited, and bytes left over are silently accepted.

use bincode::config::{self, Configuration, Limit, LittleEndian, Varint};
use bincode::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{CodecError, MAX_VALUE_BYTES};

/// bincode counts the size of a value in memory, not of its bytes: a one-byte varint can be a `u128`.
const DECODE_LIMIT: usize = 16 * MAX_VALUE_BYTES;

/// Stands for what a type says in its own words: they often quote the value, which belongs in no log.
const REFUSED: &str = "the type refused the value";

const ENCODE: Configuration<LittleEndian, Varint> = config::standard();
const DECODE: Configuration<LittleEndian, Varint, Limit<DECODE_LIMIT>> =
    config::standard().with_limit::<DECODE_LIMIT>();

pub(super) fn encode_into<V: Serialize>(bytes: &mut Vec<u8>, value: &V) -> Result<(), CodecError> {
    bincode::serde::encode_into_std_write(value, bytes, ENCODE).map(drop).map_err(|error| match error {
        EncodeError::OtherString(_) => CodecError::new(REFUSED),
        error => CodecError::new(error),
    })
}

pub(super) fn decode<V: DeserializeOwned>(bytes: &[u8]) -> Result<V, CodecError> {
    let (value, read) = bincode::serde::decode_from_slice(bytes, DECODE).map_err(|error| match error {
        DecodeError::OtherString(_) => CodecError::new(REFUSED),
        error => CodecError::new(error),
    })?;
    match bytes.len() - read {
        0 => Ok(value),
        rest => Err(CodecError::new(format!("{rest} bytes left over after the value"))),
    }
}
