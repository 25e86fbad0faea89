//! Keys that two parts of a schema have in common, found at compile time.

/// The keys of a schema: every name under which a value of it is or was stored.
#[doc(hidden)]
#[derive(Debug)]
pub struct Keys {
    /// Those of its own fields, with their aliases.
    pub own: &'static [&'static str],
    pub slices: &'static [&'static Keys],
}

/// Fails the compilation if two fields have a key in common.
#[doc(hidden)]
// On each function here: the error is where this is called.
#[track_caller]
pub const fn assert_distinct_keys(keys: &Keys) {
    let mut at = 0;
    while at < keys.own.len() {
        let (key, (_, after)) = (keys.own[at], keys.own.split_at(at + 1));
        refuse_among(key, after);
        let mut slice = 0;
        while slice < keys.slices.len() {
            refuse_in(key, keys.slices[slice]);
            slice += 1;
        }
        at += 1;
    }
    let mut at = 0;
    while at < keys.slices.len() {
        // A generic slice was not compared where it was derived.
        assert_distinct_keys(keys.slices[at]);
        let mut after = at + 1;
        while after < keys.slices.len() {
            compare(keys.slices[at], keys.slices[after]);
            after += 1;
        }
        at += 1;
    }
}

/// Two schemas that are slices of one.
#[track_caller]
const fn compare(one: &Keys, other: &Keys) {
    let mut at = 0;
    while at < one.own.len() {
        refuse_in(one.own[at], other);
        at += 1;
    }
    let mut at = 0;
    while at < one.slices.len() {
        compare(one.slices[at], other);
        at += 1;
    }
}

/// Refuses the key if the schema or a slice of it has it.
#[track_caller]
const fn refuse_in(key: &str, keys: &Keys) {
    refuse_among(key, keys.own);
    let mut at = 0;
    while at < keys.slices.len() {
        refuse_in(key, keys.slices[at]);
        at += 1;
    }
}

#[track_caller]
const fn refuse_among(key: &str, others: &[&str]) {
    let mut at = 0;
    while at < others.len() {
        if is_same(key, others[at]) {
            refuse(key);
        }
        at += 1;
    }
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
