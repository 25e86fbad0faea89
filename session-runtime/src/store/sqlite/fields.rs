//! The fields of a load's answer: one text with all of them.

use std::sync::Arc;

use crate::record::{Entry, Revision, Select};
use crate::store::sql::columns::Times;

/// The selected fields in the text that `load.sql` makes of them: the key, a zero, then the revision, the expiry and the
/// value's length with a comma after each, and the value. What is not there is empty.
pub(super) fn of(mut text: &[u8], select: &[Select]) -> Option<Vec<Option<Entry>>> {
    let mut fields = vec![None; select.len()];
    while !text.is_empty() {
        let (key, entry) = next(&mut text)?;
        // By their names: a field may look like those in the list to SQLite, which compares its text.
        let selected = fields.iter_mut().zip(select).find(|(_, select)| select.key.as_bytes() == key);
        if let Some((field, _)) = selected {
            *field = Some(entry);
        }
    }
    Some(fields)
}

fn next<'t>(text: &mut &'t [u8]) -> Option<(&'t [u8], Entry)> {
    let key = until(text, 0)?;
    let revision = number(until(text, b',')?)??;
    let expires = number(until(text, b',')?)?;
    let value = match number(until(text, b',')?)? {
        Some(length) => {
            let (value, rest) = text.split_at_checked(usize::try_from(length).ok()?)?;
            *text = rest;
            Some(Arc::from(value))
        }
        None => None,
    };
    let revision = Revision::from_bytes(revision.to_be_bytes());
    Some((key, Entry { value, revision, expires: expires.map(sqlx::Sqlite::time_of) }))
}

/// What is before the next one of these, which is passed over.
fn until<'t>(text: &mut &'t [u8], end: u8) -> Option<&'t [u8]> {
    let at = memchr::memchr(end, text)?;
    let before = &text[..at];
    *text = &text[at + 1..];
    Some(before)
}

/// A number, if there is one; `None` where the text is none.
fn number(text: &[u8]) -> Option<Option<i64>> {
    if text.is_empty() { Some(None) } else { std::str::from_utf8(text).ok()?.parse().ok().map(Some) }
}
