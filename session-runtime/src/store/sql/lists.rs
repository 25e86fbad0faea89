//! Lists as parameters.

#[cfg(any(feature = "mysql", feature = "sqlite"))]
pub(in crate::store) use json::{indexes, json, sets};

use crate::record::Revision;

/// As a number.
pub(in crate::store) fn revision(revision: Revision) -> i64 {
    i64::from_be_bytes(*revision.as_bytes())
}

/// As JSON.
#[cfg(any(feature = "mysql", feature = "sqlite"))]
mod json {
    use serde::Serialize;

    use super::revision;
    use crate::record::{Expiry, IndexChange, SetField};

    /// Key, offset and length in the payload, revision, expiry.
    type Set<'f, E> = (&'f str, usize, Option<usize>, i64, E);

    /// Fields to be written, and a payload with their values, one after the other as they are: JSON has no bytes.
    pub(in crate::store) fn sets<E: Serialize>(set: &[SetField], expiry: impl Fn(Expiry) -> E) -> (String, Vec<u8>) {
        let mut payload = Vec::new();
        let sets: Vec<_> = set.iter().map(|field| one(field, &mut payload, &expiry)).collect();
        (json(&sets), payload)
    }

    fn one<'f, E>(field: &'f SetField, payload: &mut Vec<u8>, expiry: impl Fn(Expiry) -> E) -> Set<'f, E> {
        // SQL counts from 1.
        let offset = payload.len() + 1;
        field.value.iter().for_each(|value| payload.extend_from_slice(value));
        let length = field.value.as_ref().map(|value| value.len());
        (field.key, offset, length, revision(field.revision), expiry(field.expiry))
    }

    /// The name and the value of each entry.
    pub(in crate::store) fn indexes(index: &[IndexChange]) -> String {
        json(&index.iter().map(|change| (change.index, &change.value)).collect::<Vec<_>>())
    }

    pub(in crate::store) fn json<T: Serialize>(list: &[T]) -> String {
        serde_json::to_string(list).expect("lists of strings and numbers are JSON")
    }
}
