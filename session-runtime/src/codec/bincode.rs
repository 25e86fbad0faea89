//! The only module that knows bincode, so that it can be replaced.
//!
//! bincode is finished, not maintained (RUSTSEC-2025-0141); 2.0.1 is the last version that builds. Its traps that are met here:
//! a hostile length aborts the process unless decoding is limited, bytes left over are silently accepted, and many types that
//! it writes it can't read back (`conform`), some only at the price of all memory or the stack (`bounded`).

use std::cell::Cell;

use bincode::config::{self, Configuration, Limit, LittleEndian, Varint};
use bincode::error::{DecodeError, EncodeError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::bounded;
use super::conform::Conforming;
use super::shape::Shape;
use super::{CodecError, MAX_VALUE_BYTES};

/// bincode counts the size of a value in memory, not of its bytes: a one-byte varint can be a `u128`.
const DECODE_LIMIT: usize = 16 * MAX_VALUE_BYTES;

/// Stands for what a type says in its own words: they often quote the value, which belongs in no log.
pub(super) const REFUSED: &str = "the type refused the value";

const ENCODE: Configuration<LittleEndian, Varint> = config::standard();
const DECODE: Configuration<LittleEndian, Varint, Limit<DECODE_LIMIT>> =
    config::standard().with_limit::<DECODE_LIMIT>();

/// Writes a value of this shape. One that could not be read back is refused.
pub(super) fn encode_into<V: Serialize>(bytes: &mut Vec<u8>, value: &V, shape: &Shape) -> Result<(), CodecError> {
    let conforming = Conforming::to_shape(shape)?;
    let written = bincode::serde::encode_into_std_write(conforming.value(value), bytes, ENCODE);
    match (conforming.into_finding(), written) {
        (Some(finding), _) => Err(CodecError::new(finding)),
        (None, Ok(_)) => Ok(()),
        (None, Err(EncodeError::OtherString(_))) => Err(CodecError::new(REFUSED)),
        (None, Err(error)) => Err(CodecError::new(error)),
    }
}

/// Reads a value that was written as one of this shape.
pub(super) fn decode<V: DeserializeOwned>(bytes: &[u8], shape: &Shape) -> Result<V, CodecError> {
    let finding = Cell::new(None);
    let read = match bounded::is_needed(shape) {
        false => bincode::serde::decode_from_slice(bytes, DECODE),
        true => bincode::serde::seed_decode_from_slice(bounded::seed(&finding), bytes, DECODE),
    };
    let (value, read) = read.map_err(|error| match (finding.get(), error) {
        (Some(finding), _) => CodecError::new(finding),
        (None, DecodeError::OtherString(_)) => CodecError::new(REFUSED),
        (None, error) => CodecError::new(error),
    })?;
    match bytes.len() - read {
        0 => Ok(value),
        rest => Err(CodecError::new(format!("{rest} bytes left over after the value"))),
    }
}
