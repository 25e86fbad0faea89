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
use super::shape::{Node, Shape};
use super::{CodecError, MAX_VALUE_BYTES, REMEDY};

/// bincode counts the size of a value in memory, not of its bytes: a one-byte varint can be a `u128`.
const DECODE_LIMIT: usize = 16 * MAX_VALUE_BYTES;

/// Stands for what a type says in its own words: they often quote the value, which belongs in no log.
pub(super) const REFUSED: &str = "the type refused the value";

const ENCODE: Configuration<LittleEndian, Varint> = config::standard();
const DECODE: Configuration<LittleEndian, Varint, Limit<DECODE_LIMIT>> =
    config::standard().with_limit::<DECODE_LIMIT>();

/// Whether bincode could read any value of this shape.
pub(super) fn check(shape: &Shape) -> Result<(), CodecError> {
    let name = shape.type_name();
    if shape.has(|node| matches!(node, Node::Any | Node::ByTag(_))) {
        return Err(CodecError::new(format!(
            "`{name}` asks what comes next, which bincode can't tell: somewhere in it is an enum that is untagged or has its \
             tag inside, `#[serde(flatten)]` or a value of any kind ({shape}); {REMEDY}"
        )));
    }
    if shape.has(|node| matches!(node, Node::ByName)) {
        return Err(CodecError::new(format!(
            "a part of `{name}` reads its fields or variants by their names only, and bincode writes none ({shape}); {REMEDY}"
        )));
    }
    if shape.has(|node| matches!(node, Node::Unknown)) {
        return Err(CodecError::new(format!(
            "what `{name}` is made of can't be found out ({shape}): a part of a tuple refuses everything that was tried; \
             write a struct with named fields instead of the tuple, or {REMEDY}"
        )));
    }
    Ok(())
}

/// Writes a value of this shape. One that could not be read back is refused.
pub(super) fn encode_into<V: Serialize>(bytes: &mut Vec<u8>, value: &V, shape: &Shape) -> Result<(), CodecError> {
    check(shape)?;
    let conforming = Conforming::to_shape(shape);
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
