//! Texts that SQLite made of columns, to be taken apart from the front.

use std::time::SystemTime;

use sqlx::Sqlite;

use crate::store::sql::columns::Times as _;

/// What is left of one. Each part is `None` where the text is not as it should be.
pub(super) struct Text<'t>(&'t [u8]);

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Self(text)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is before the next one of these, which is passed over.
    pub(super) fn until(&mut self, end: u8) -> Option<&'t [u8]> {
        let before = self.bytes(memchr::memchr(end, self.0)?)?;
        self.0 = &self.0[1..];
        Some(before)
    }

    /// So many bytes.
    pub(super) fn bytes(&mut self, length: usize) -> Option<&'t [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// A number with a comma after it.
    pub(super) fn number(&mut self) -> Option<i64> {
        self.number_or_null()?
    }

    /// The same; nothing before the comma is NULL.
    pub(super) fn number_or_null(&mut self) -> Option<Option<i64>> {
        let digits = self.until(b',')?;
        if digits.is_empty() { Some(None) } else { std::str::from_utf8(digits).ok()?.parse().ok().map(Some) }
    }

    pub(super) fn time(&mut self) -> Option<SystemTime> {
        self.number().map(Sqlite::time_of)
    }

    pub(super) fn time_or_null(&mut self) -> Option<Option<SystemTime>> {
        Some(self.number_or_null()?.map(Sqlite::time_of))
    }
}
