//! A schema written down, so that a change which would break live sessions fails a test before it reaches them.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use super::{FieldSpec, Schema, SessionData};
use crate::codec::{self, Codec, Written};

/// Compares a schema with what was written down about it, in a file that is kept in version control.
///
/// One line in a test of the crate that derives the schema:
///
/// ```no_run
/// # use session_runtime::SessionData;
/// # #[derive(SessionData)]
/// # struct Shop {
/// #     cart: Vec<String>,
/// # }
/// session_runtime::assert_schema!(Shop);
/// ```
///
/// The file, `session-schemas/Shop.txt` beside the crate's `Cargo.toml` unless a second argument names another, has each field's
/// key, shape, fingerprint, version and attributes. The test fails when it is not what the program has, and says which changes
/// would break sessions that are live, and what to add: `migrate`, `alias`, `version`, `on_mismatch`. `SESSION_SCHEMA=bless`
/// in the environment writes the file anew.
///
/// # Panics
/// Where the schema has changed, or has a type that can't be stored.
#[macro_export]
macro_rules! assert_schema {
    ($schema:ty $(,)?) => {
        $crate::assert_schema!($schema, $crate::__private::schema_file(stringify!($schema)))
    };
    ($schema:ty, $file:expr $(,)?) => {
        $crate::__private::assert_schema::<$schema>(env!("CARGO_MANIFEST_DIR"), $file.as_ref())
    };
}

/// Where a schema is written down unless a file was named.
#[doc(hidden)]
pub fn schema_file(schema: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    format!("session-schemas/{}.txt", schema.replace(' ', "").chars().map(plain).collect::<String>())
}

#[doc(hidden)]
#[track_caller]
pub fn assert_schema<T: SessionData>(folder: &str, file: &str) {
    let file = Path::new(folder).join(file);
    let bless = env::var_os("SESSION_SCHEMA").is_some_and(|what| what == "bless");
    if let Err(message) = compare(&T::SCHEMA, &file, bless) {
        panic!("{message}");
    }
}

const HOW_TO_BLESS: &str = "`SESSION_SCHEMA=bless cargo test` writes it";

fn compare(schema: &Schema, file: &Path, bless: bool) -> Result<(), String> {
    let fields = schema.fields();
    let unstorable: Vec<_> = fields.iter().filter_map(unstorable).collect();
    if !unstorable.is_empty() {
        return Err(unstorable.join("\n"));
    }
    let present = write(schema.name(), &fields);
    if bless {
        return save(file, &present);
    }
    let name = file.display();
    let Ok(kept) = fs::read_to_string(file) else {
        return Err(format!("the schema is not written down in {name}; {HOW_TO_BLESS}"));
    };
    // As it may have been checked out elsewhere.
    let kept = kept.replace("\r\n", "\n");
    match kept == present {
        true => Ok(()),
        false => Err(report(&name.to_string(), &changes(&read(&kept), &fields))),
    }
}

fn save(file: &Path, text: &str) -> Result<(), String> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, text));
    written.map_err(|error| format!("the schema could not be written to {}: {error}", file.display()))
}

fn unstorable(field: &FieldSpec) -> Option<String> {
    let error = codec::check((field.ty.shape)(field.codec), field.codec).err()?;
    Some(format!("session field `{}`: {error}", field.key))
}

// Writing.

fn write(schema: &str, fields: &[FieldSpec]) -> String {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|field| field.key);
    let mut text = format!(
        "# What sessions with the schema `{}` are made of: a change here can break those that are live.\n\
         # `SESSION_SCHEMA=bless cargo test` writes this file.\n",
        schema.rsplit("::").next().unwrap_or(schema)
    );
    for field in fields {
        write_field(&mut text, field);
    }
    text
}

/// Writing to a text does not fail.
fn write_field(text: &mut String, field: &FieldSpec) {
    let _ = writeln!(text, "\n{}", field.key);
    let mut line = |name: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "    {name} {value}");
    };
    line("shape", &(field.ty.shape)(field.codec));
    line("written", &field.written());
    for old in olds(field) {
        line("reads", &old);
    }
    for alias in field.aliases {
        line("alias", alias);
    }
    if let Some(ttl) = field.ttl {
        line("ttl", &format_args!("{} s", ttl.as_secs()));
    }
    let flags = [(field.lazy, "lazy"), (field.rotate, "rotate"), (field.default_on_mismatch, "on_mismatch default")];
    for (_, flag) in flags.iter().filter(|(is_set, _)| *is_set) {
        let _ = writeln!(text, "    {flag}");
    }
}

/// What else is read, by each `migrate`.
fn olds(field: &FieldSpec) -> Vec<Written> {
    let codecs: &[Codec] = match field.codec {
        Codec::Bincode => &[Codec::Bincode],
        Codec::Json => &[Codec::Bincode, Codec::Json],
    };
    let olds = (field.ty.olds)();
    let of_old = |old: &super::migrate::Old, codec: Codec| Written {
        codec,
        version: old.version().unwrap_or(field.version),
        fingerprint: (old.shape)(codec).fingerprint(),
    };
    olds.iter().flat_map(|old| codecs.iter().map(move |codec| of_old(old, *codec))).collect()
}

// Reading.

/// A field as it was written down.
struct Kept<'k> {
    key: &'k str,
    lines: Vec<(&'k str, &'k str)>,
}

impl<'k> Kept<'k> {
    fn all(&self, name: &str) -> impl Iterator<Item = &'k str> {
        self.lines.iter().filter(move |(line, _)| *line == name).map(|(_, value)| *value)
    }

    fn shape(&self) -> &'k str {
        self.all("shape").next().unwrap_or_default()
    }
}

fn read(text: &str) -> Vec<Kept<'_>> {
    let mut kept: Vec<Kept<'_>> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        match (line.strip_prefix("    "), kept.last_mut()) {
            (Some(line), Some(field)) => field.lines.push(line.split_once(' ').unwrap_or((line, ""))),
            _ => kept.push(Kept { key: line, lines: Vec::new() }),
        }
    }
    kept
}

// Comparing.

#[derive(Default)]
struct Changes {
    breaking: Vec<String>,
    others: Vec<String>,
}

fn changes(kept: &[Kept<'_>], fields: &[FieldSpec]) -> Changes {
    let mut changes = Changes::default();
    for was in kept {
        match fields.iter().find(|field| field.keys().any(|key| key == was.key)) {
            Some(field) => changes.of_field(was, field),
            None => changes.of_removed(was, kept, fields),
        }
    }
    let is_new = |field: &&FieldSpec| !field.keys().any(|key| kept.iter().any(|was| was.key == key));
    changes.others.extend(fields.iter().filter(is_new).map(|field| format!("`{}` is new", field.key)));
    changes
}

impl Changes {
    fn of_field(&mut self, was: &Kept<'_>, field: &FieldSpec) {
        let (before, key) = (self.breaking.len(), field.key);
        for written in was.all("written").filter(|written| !reads(field, written)) {
            let shape = (field.ty.shape)(field.codec);
            self.breaking.push(format!(
                "`{key}`: values that are stored now can't be read.\n    stored   {written} {}\n    expected {} {shape}\n  \
                 Keep the old type and add `migrate(OldType => upgrade)` to the field, or `on_mismatch = \"default\"` to \
                 do without the stored values.",
                was.shape(),
                field.written(),
            ));
        }
        for old in was.all("reads").filter(|old| !reads(field, old)) {
            self.breaking.push(format!(
                "`{key}`: values that were stored as {old} are no longer read. Keep their `migrate` for as long as there can \
                 be sessions that have them."
            ));
        }
        for alias in was.all("alias").filter(|alias| field.keys().all(|key| key != *alias)) {
            self.breaking
                .push(format!("`{key}`: what is stored under `{alias}` is no longer found. Keep its `alias`."));
        }
        if self.breaking.len() == before {
            self.others.push(format!("`{key}` can be read as before"));
        }
    }

    fn of_removed(&mut self, was: &Kept<'_>, kept: &[Kept<'_>], fields: &[FieldSpec]) {
        let key = was.key;
        let is_new = |field: &&FieldSpec| kept.iter().all(|was| was.key != field.key);
        let renamed =
            fields.iter().filter(is_new).find(|field| was.all("written").any(|written| reads(field, written)));
        match renamed {
            Some(field) => self.breaking.push(format!(
                "`{key}` is gone, and `{}` is new and has its shape. If this is the same field, add `alias = \"{key}\"` to it; \
                 if not, change one after the other.",
                field.key
            )),
            None => self.others.push(format!("`{key}` is gone: what sessions have of it is ignored")),
        }
    }
}

fn reads(field: &FieldSpec, written: &str) -> bool {
    field.default_on_mismatch || written.parse().is_ok_and(|written| field.reads(&written))
}

fn report(file: &str, changes: &Changes) -> String {
    let mut text = match changes.breaking.is_empty() {
        true => format!("the schema is not the one in {file}; sessions that are live go on working."),
        false => format!("the schema is not the one in {file}, and sessions that are live would break:"),
    };
    for change in &changes.breaking {
        let _ = write!(text, "\n- {change}");
    }
    for change in &changes.others {
        let _ = write!(text, "\n- {change}");
    }
    let _ = write!(text, "\nOnce it is as it should be, {HOW_TO_BLESS}.");
    text
}
