//! Keys that two parts of a schema have in common, found at compile time.

use super::{FieldSpec, Part, Schema};

/// Fails the compilation if two fields have a key in common.
#[doc(hidden)]
// On each function here: the error is where this is called.
#[track_caller]
pub const fn assert_distinct_keys(schema: &Schema) {
    let mut one = 0;
    while one < schema.parts.len() {
        // A generic slice was not compared where it was derived.
        if let Part::Slice(slice) = &schema.parts[one] {
            assert_distinct_keys(slice);
        }
        let mut other = one + 1;
        while other < schema.parts.len() {
            compare(&schema.parts[one], &schema.parts[other]);
            other += 1;
        }
        one += 1;
    }
}

#[track_caller]
const fn compare(one: &Part, other: &Part) {
    match (one, other) {
        (Part::Field(one), Part::Field(other)) => compare_fields(one, other),
        (Part::Slice(slice), part) | (part, Part::Slice(slice)) => {
            let mut at = 0;
            while at < slice.parts.len() {
                compare(&slice.parts[at], part);
                at += 1;
            }
        }
    }
}

#[track_caller]
const fn compare_fields(one: &FieldSpec, other: &FieldSpec) {
    let mut mine = 0;
    while mine <= one.aliases.len() {
        let mut theirs = 0;
        while theirs <= other.aliases.len() {
            if is_same(key(one, mine), key(other, theirs)) {
                refuse(key(one, mine));
            }
            theirs += 1;
        }
        mine += 1;
    }
}

const fn key(of: &FieldSpec, at: usize) -> &'static str {
    if at == 0 { of.key } else { of.aliases[at - 1] }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}

#[track_caller]
const fn refuse(key: &str) -> ! {
    let mut text = Text { bytes: [0; 256], len: 0 };
    text.push("two parts of this session have the key \"");
    text.push(key);
    text.push("\": rename a field, or give a slice a `prefix`");
    match std::str::from_utf8(text.bytes.split_at(text.len).0) {
        Ok(text) => panic!("{}", text),
        Err(_) => panic!("two parts of this session have the same key: rename a field, or give a slice a `prefix`"),
    }
}

/// A text that is put together at compile time, as far as it has room.
struct Text {
    bytes: [u8; 256],
    len: usize,
}

impl Text {
    const fn push(&mut self, more: &str) {
        let more = more.as_bytes();
        let mut at = 0;
        while at < more.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = more[at];
            self.len += 1;
            at += 1;
        }
    }
}
