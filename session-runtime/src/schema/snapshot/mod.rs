//! A schema written down, so that a change which would break live sessions fails a test before it reaches them.

use std::io::ErrorKind;
use std::path::Path;
use std::{env, fs};

use super::{FieldSpec, Schema, SessionData, assert_distinct_keys};
use crate::codec;

mod changes;
mod file;

use changes::Changes;

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
/// in the environment writes the file anew. Fields that are gone stay in it, for sessions still have them: delete them by hand
/// once none does.
///
/// # Panics
/// Where the schema has changed, or has a type that can't be stored; where the file is not there yet, or can't be read.
#[macro_export]
macro_rules! assert_schema {
    ($schema:ty $(,)?) => {
        $crate::assert_schema!($schema, $crate::__private::schema_file(stringify!($schema)))
    };
    ($schema:ty, $file:expr $(,)?) => {
        $crate::__private::assert_schema::<$schema>(env!("CARGO_MANIFEST_DIR"), &$file)
    };
}

/// Where a schema is written down unless a file was named.
#[doc(hidden)]
pub fn schema_file(schema: &str) -> String {
    let plain = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
    let name = file::without_paths(&schema.replace(' ', ""));
    format!("session-schemas/{}.txt", name.chars().map(plain).collect::<String>())
}

#[doc(hidden)]
#[track_caller]
pub fn assert_schema<T: SessionData>(folder: &str, file: &(impl AsRef<Path> + ?Sized)) {
    assert_distinct_keys(&T::KEYS);
    let file = Path::new(folder).join(file);
    let bless = env::var_os("SESSION_SCHEMA").is_some_and(|what| what == "bless");
    if let Err(message) = check(&T::SCHEMA, &file, bless) {
        panic!("{message}");
    }
}

const HOW_TO_BLESS: &str = "`SESSION_SCHEMA=bless cargo test` writes it";

fn check(schema: &Schema, path: &Path, bless: bool) -> Result<(), String> {
    let fields = schema.fields();
    let unstorable: Vec<_> = fields.iter().filter_map(unstorable).collect();
    if !unstorable.is_empty() {
        return Err(unstorable.join("\n"));
    }
    let name = path.display();
    let text = match (fs::read_to_string(path), bless) {
        // As it may have been checked out elsewhere.
        (Ok(text), _) => text.replace("\r\n", "\n"),
        (Err(error), true) if error.kind() == ErrorKind::NotFound => String::new(),
        (Err(error), false) if error.kind() == ErrorKind::NotFound => {
            return Err(format!("the schema is not written down in {name}; {HOW_TO_BLESS}"));
        }
        (Err(error), _) => return Err(format!("{name}, where the schema is written down, can't be read: {error}")),
    };
    let kept =
        file::read(&text).map_err(|line| format!("{name} has marks of a merge (line {line}): settle it first"))?;
    let changes = Changes::between(&kept, &fields);
    if bless {
        if !text.is_empty() && !changes.is_empty() {
            eprintln!("{name}:{changes}");
        }
        let gone: Vec<_> = kept.iter().filter(|was| was.is_gone_from(&fields)).collect();
        return save(path, &file::write(schema.name(), &fields, &gone));
    }
    let gone: Vec<_> = kept.iter().filter(|was| was.is_marked_gone() && was.is_gone_from(&fields)).collect();
    match text == file::write(schema.name(), &fields, &gone) {
        true => Ok(()),
        false => Err(format!(
            "the schema is not the one in {name}; {}{changes}\nOnce it is as it should be, {HOW_TO_BLESS}.",
            changes.verdict()
        )),
    }
}

fn save(file: &Path, text: &str) -> Result<(), String> {
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(file, text));
    written.map_err(|error| format!("the schema could not be written to {}: {error}", file.display()))
}

fn unstorable(field: &FieldSpec) -> Option<String> {
    let error = codec::check((field.shape)(field.codec), field.codec).err()?;
    Some(format!("session field `{}`: {error}", field.key))
}
