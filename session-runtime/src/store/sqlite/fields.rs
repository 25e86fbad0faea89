//! The fields in a load's answer: one text with all of them.

use std::sync::Arc;

use sqlx::Sqlite;

use super::text::Text;
use crate::record::{Entry, Revision, Select};
use crate::store::sql::columns::Times as _;

/// The selected fields in the text that `load.sql` makes of them: the key, a zero, then the revision, the expiry and the
/// value's length with a comma after each, and the value. What is not there, or not asked for, is empty.
pub(super) fn of(text: &[u8], select: &[Select]) -> Option<Vec<Option<Entry>>> {
    let mut text = Text::new(text);
    let mut fields = vec![None; select.len()];
    while !text.is_empty() {
        let (key, entry) = next(&mut text)?;
        let selected = fields.iter_mut().zip(select).find(|(_, select)| select.key.as_bytes() == key);
        if let Some((field, _)) = selected {
            *field = Some(entry);
        }
    }
    Some(fields)
}

fn next<'t>(text: &mut Text<'t>) -> Option<(&'t [u8], Entry)> {
    let key = text.until(0)?;
    let revision = Revision::from_bytes(text.number()?.to_be_bytes());
    let expires = text.number_or_null()?.map(Sqlite::time_of);
    let value = match text.number_or_null()? {
        Some(length) => Some(Arc::from(text.bytes(usize::try_from(length).ok()?)?)),
        None => None,
    };
    Some((key, Entry { value, revision, expires }))
}
