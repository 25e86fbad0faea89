//! Values as JSON, for types that must be told what comes.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use super::bincode::REFUSED;
use super::conform::Conforming;
use super::shape::{Node, NodeId, Scalar, Shape};
use super::{CodecError, MAX_VALUE_BYTES};

const KEYS: &str =
    "the keys of a map must be texts, numbers or plain names to be written as JSON; a list of pairs can be written";

/// Whether JSON could have any value of this shape.
pub(super) fn check(shape: &Shape) -> Result<(), CodecError> {
    match shape.has(|node| matches!(node, Node::Map(key, _) if !can_be_a_key(shape, *key))) {
        true => Err(CodecError::new(format!("`{}` ({shape}): {KEYS}", shape.type_name()))),
        false => Ok(()),
    }
}

/// Newtypes and `Some` are written as what they contain.
fn can_be_a_key(shape: &Shape, id: NodeId) -> bool {
    let content = shape.follow(id, |node| match node {
        Node::Newtype(inner) | Node::Option(inner) => Some(*inner),
        _ => None,
    });
    content.is_some_and(|id| match shape.node(id) {
        Node::Scalar(scalar) => *scalar != Scalar::Bytes,
        Node::Enum(variants) => variants.iter().any(|variant| matches!(shape.node(variant.node), Node::Unit)),
        Node::Any | Node::Unknown | Node::Nothing => true,
        _ => false,
    })
}

/// Writes a value. One that would be read as another is refused; and it is read back before it is kept, for there are types
/// that don't read what they write.
pub(super) fn encode_into<V: Serialize + DeserializeOwned>(bytes: &mut Vec<u8>, value: &V) -> Result<(), CodecError> {
    let start = bytes.len();
    let conforming = Conforming::to_json(std::any::type_name::<V>());
    let written = serde_json::to_writer(&mut *bytes, &conforming.value(value));
    match (conforming.into_finding(), written) {
        (Some(finding), _) => return Err(CodecError::new(finding)),
        (None, Ok(())) => {}
        // All that can be wrong with JSON that is only being written.
        (None, Err(error)) if error.classify() == Category::Syntax => return Err(CodecError::new(KEYS)),
        (None, Err(error)) => return Err(reason(&error)),
    }
    if bytes.len() > MAX_VALUE_BYTES {
        // That is said of it, whatever it is.
        return Ok(());
    }
    match decode::<V>(&bytes[start..]) {
        Ok(_) => Ok(()),
        Err(error) => Err(CodecError::new(format!("the JSON of this value can't be read back: {error}"))),
    }
}

pub(super) fn decode<V: DeserializeOwned>(bytes: &[u8]) -> Result<V, CodecError> {
    serde_json::from_slice(bytes).map_err(|error| reason(&error))
}

/// Without what a type says in its own words: they often quote the value, which belongs in no log.
fn reason(error: &serde_json::Error) -> CodecError {
    let place = format!("line {}, column {}", error.line(), error.column());
    match error.classify() {
        Category::Data => CodecError::new(format!("{REFUSED} ({place})")),
        Category::Syntax => CodecError::new(format!("no valid JSON ({place})")),
        Category::Eof => CodecError::new(format!("the JSON ends early ({place})")),
        Category::Io => CodecError::new("the JSON could not be written"),
    }
}
