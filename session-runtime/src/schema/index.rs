//! Fields by whose value sessions are found.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;
use std::ops::Deref;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::{Field, Part};
use crate::codec::CodecError;
use crate::error::Result;

/// Longer texts are hashed: stores limit what an index takes.
const MAX_TEXT_BYTES: usize = 200;

pub(crate) type IndexText<V> = fn(&V) -> Result<String, CodecError>;

/// A field that was declared with `#[session(index)]`: what finds and ends the sessions of one user takes, as
/// [`SessionManager::sessions`](crate::SessionManager::sessions) does. It is a [`Field`] everywhere else.
///
/// Two values are the same to an index if serde makes the same JSON of them, however they are stored: sessions are still found
/// after the field's codec has changed, or its type from `u32` to `u64`.
pub struct IndexField<T, V> {
    field: Field<T, V>,
}

impl<T, V> IndexField<T, V> {
    pub(super) const fn new(field: Field<T, V>) -> Self {
        Self { field }
    }

    #[doc(hidden)]
    pub const fn part(&self) -> Part {
        self.field.part()
    }

    /// What sessions with this value are entered under.
    pub(crate) fn text(&self, value: &V) -> Result<String> {
        self.field.text(value)
    }
}

/// The text of a value, independent of how it is stored.
pub(super) fn text_of(value: &impl Serialize) -> Result<String, CodecError> {
    let json = serde_json::to_string(value).map_err(|_| CodecError::new("the value has no JSON to be found by"))?;
    let text = sorted(json);
    match text.len() > MAX_TEXT_BYTES {
        false => Ok(text),
        true => Ok(Sha256::digest(text).iter().fold("sha256:".to_owned(), |mut hex, byte| {
            // Writing to a string does not fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })),
    }
}

/// With the keys of all maps in order. By their text: a JSON value has no numbers beyond 64 bits, and keeps maps in the order that any
/// crate of the program may choose by a feature.
fn sorted(json: String) -> String {
    match json.as_bytes() {
        [b'{', ..] => {
            let entries: Option<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(&json).ok();
            entries.map_or(json, |entries| {
                let entry =
                    |(key, value): (String, Box<RawValue>)| format!("{}:{}", Value::from(key), sorted_part(&value));
                format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
            })
        }
        [b'[', ..] => {
            let elements: Option<Vec<Box<RawValue>>> = serde_json::from_str(&json).ok();
            elements.map_or(json, |elements| {
                format!("[{}]", elements.iter().map(|element| sorted_part(element)).collect::<Vec<_>>().join(","))
            })
        }
        _ => json,
    }
}

fn sorted_part(part: &RawValue) -> String {
    sorted(part.get().to_owned())
}

impl<T, V> Deref for IndexField<T, V> {
    type Target = Field<T, V>;

    fn deref(&self) -> &Field<T, V> {
        &self.field
    }
}

impl<T, V> Clone for IndexField<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for IndexField<T, V> {}

impl<T, V> fmt::Debug for IndexField<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IndexField").field(&self.key()).finish()
    }
}
