//! The file: a line for each field's key, and under it, indented, what is known of it.

use std::fmt::{self, Write as _};

use super::super::FieldSpec;
use super::super::migrate::Old;
use crate::codec::{Codec, Written};

/// A field as it was written down.
pub(super) struct Kept<'k> {
    /// As `shown` writes it.
    pub(super) key: &'k str,
    pub(super) lines: Vec<&'k str>,
}

/// The mark of a field that the schema had.
const GONE: &str = "gone";

/// The mark of one whose values count as absent where they are of another shape.
pub(super) const DEFAULT: &str = "on_mismatch default";

impl<'k> Kept<'k> {
    /// What stands behind this name, in each line that begins with it.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &'k str> {
        self.lines.iter().filter_map(move |line| line.strip_prefix(name)?.strip_prefix(' '))
    }

    pub(super) fn shape(&self) -> &'k str {
        self.all("shape").next().unwrap_or_default()
    }

    pub(super) fn has(&self, line: &str) -> bool {
        self.lines.contains(&line)
    }

    pub(super) fn is_marked_gone(&self) -> bool {
        self.has(GONE)
    }

    pub(super) fn is_gone_from(&self, fields: &[FieldSpec]) -> bool {
        !fields.iter().any(|field| field.keys().any(|key| shown(key) == self.key))
    }
}

/// The text of the file: these fields, and those that are gone.
pub(super) fn write(schema: &str, fields: &[FieldSpec], gone: &[&Kept<'_>]) -> String {
    let mut sections: Vec<(String, Vec<String>)> =
        fields.iter().map(|field| (shown(field.key), lines(field))).collect();
    sections.extend(gone.iter().map(|was| {
        let kept = was.lines.iter().filter(|line| **line != GONE).map(ToString::to_string);
        (was.key.to_owned(), std::iter::once(GONE.to_owned()).chain(kept).collect())
    }));
    sections.sort();
    let mut text = format!(
        "# What sessions with the schema `{}` are made of: a change here can break those that are live.\n\
         # `SESSION_SCHEMA=bless cargo test` writes this file.\n",
        without_paths(schema)
    );
    for (key, lines) in sections {
        // Writing to a text does not fail.
        let _ = write!(text, "\n{key}\n");
        for line in lines {
            let _ = writeln!(text, "    {line}");
        }
    }
    text
}

/// What is known of a field.
pub(super) fn lines(field: &FieldSpec) -> Vec<String> {
    let mut lines = vec![format!("shape {}", (field.shape)(field.codec)), format!("written {}", field.written())];
    lines.extend(reads(field));
    lines.extend(field.aliases.iter().map(|alias| format!("alias {}", shown(alias))));
    lines.extend(field.ttl.map(|ttl| format!("ttl {} s", ttl.as_secs())));
    let flags =
        [(field.lazy, "lazy"), (field.index, "index"), (field.rotate, "rotate"), (field.default_on_mismatch, DEFAULT)];
    lines.extend(flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| (*flag).to_owned()));
    lines
}

/// What else is read, by each `migrate`.
fn reads(field: &FieldSpec) -> Vec<String> {
    let codecs: &[Codec] = match field.codec {
        Codec::Bincode => &[Codec::Bincode],
        Codec::Json => &[Codec::Bincode, Codec::Json],
    };
    let olds = (field.olds)();
    let line = |old: &Old, codec: Codec| {
        let shape = (old.shape)(codec);
        let versions = Versions { first: old.version().unwrap_or(1), last: old.version().unwrap_or(field.version) };
        format!("reads {} ({versions}, {}) {shape}", shape.fingerprint(), codec.name())
    };
    olds.iter().flat_map(|old| codecs.iter().map(move |codec| line(old, *codec))).collect()
}

/// The versions of values that a field reads.
struct Versions {
    first: u32,
    last: u32,
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self { first, last } if first == last => write!(f, "version {first}"),
            Self { first, last } => write!(f, "versions {first} to {last}"),
        }
    }
}

/// All that a line says is read: `9f86… (version 1, bincode)`, or `9f86… (versions 1 to 3, bincode)`. Nothing where it is not to
/// be understood.
pub(super) fn written(line: &str) -> Vec<Written> {
    let Some(end) = line.find(')') else { return Vec::new() };
    let line = &line[..=end];
    if let Ok(written) = line.parse() {
        return vec![written];
    }
    let Some((before, rest)) = line.split_once("versions ") else { return Vec::new() };
    let Some((versions, after)) = rest.split_once(", ") else { return Vec::new() };
    let Some((Ok(first), Ok(last))) = versions.split_once(" to ").map(|(first, last)| (first.parse(), last.parse()))
    else {
        return Vec::new();
    };
    // Of very many the first ones and the last.
    let some = (first..=last).take(100).chain([last]);
    some.filter_map(|version: u32| format!("{before}version {version}, {after}").parse().ok()).collect()
}

/// Reads a file. Fails with the number of a line that a merge has left.
pub(super) fn read(text: &str) -> Result<Vec<Kept<'_>>, usize> {
    let mut kept: Vec<Kept<'_>> = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
            return Err(at + 1);
        }
        match (line.strip_prefix("    "), kept.last_mut()) {
            (Some(line), Some(field)) => field.lines.push(line),
            _ if line.starts_with('#') || line.is_empty() => {}
            _ => kept.push(Kept { key: line, lines: Vec::new() }),
        }
    }
    Ok(kept)
}

/// A key as it stands in the file: in quotes where it could be mistaken.
pub(super) fn shown(key: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "._-:/".contains(letter);
    if key.chars().all(is_plain) { key.to_owned() } else { format!("{key:?}") }
}

/// A type's name without the modules that it is in.
pub(super) fn without_paths(name: &str) -> String {
    let mut short = String::new();
    let mut word = String::new();
    let mut letters = name.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == ':' && letters.peek() == Some(&':') {
            letters.next();
            word.clear();
        } else if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
        } else {
            short.push_str(&std::mem::take(&mut word));
            short.push(letter);
        }
    }
    short + &word
}
