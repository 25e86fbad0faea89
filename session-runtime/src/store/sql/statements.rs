//! The statements of a store: one for each of its operations.

use std::sync::Arc;

use sqlx::Database;
use sqlx::query::Query;

use super::names::Written;
use super::one_field;

/// One with what it is told.
pub(in crate::store) type Bound<'q, DB> = Query<'q, DB, <DB as Database>::Arguments>;

/// Their texts; with names in them, once there is a store.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Statements<T = Text> {
    pub(in crate::store) load: T,
    pub(in crate::store) commit: T,
    /// What frequent commits are tried with first, where there are such statements.
    pub(in crate::store) one_field: Option<one_field::Statements<T>>,
    /// A session's beginning.
    pub(in crate::store) begin: Option<T>,
    /// A sign-in.
    pub(in crate::store) supersede: Option<T>,
    pub(in crate::store) destroy: T,
    pub(in crate::store) find: T,
    pub(in crate::store) sweep: T,
}

impl Statements<&str> {
    /// These, with names in them.
    pub(in crate::store) fn named(&self, names: Written<'_>) -> Statements {
        let text = |template| Text::named(template, names);
        Statements {
            load: text(self.load),
            commit: text(self.commit),
            one_field: self.one_field.map(|statements| statements.map(|template| text(template))),
            begin: self.begin.map(text),
            supersede: self.supersede.map(text),
            destroy: text(self.destroy),
            find: text(self.find),
            sweep: text(self.sweep),
        }
    }
}

/// One of them.
#[derive(Clone, Debug)]
pub(in crate::store) struct Text(Arc<str>);

impl Text {
    /// Of a template, with names in it.
    pub(in crate::store) fn named(template: &str, names: Written<'_>) -> Self {
        Self(condensed(&names.sql(template)).into())
    }

    /// To be told its parameters. The database keeps it prepared, one for each connection.
    pub(in crate::store) fn query<'q, DB: Database>(&self) -> Bound<'q, DB> {
        // All that is not constant in it are names that were checked.
        sqlx::query(sqlx::AssertSqlSafe(Arc::clone(&self.0)))
    }
}

/// Without comments and indentation: drivers find what they have prepared by its whole text, for each query.
fn condensed(sql: &str) -> String {
    let lines = sql.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("--"));
    lines.collect::<Vec<_>>().join("\n")
}
