//! What has changed since a schema was written down, and what becomes of live sessions.

use std::fmt;

use super::super::FieldSpec;
use super::file::{self, DEFAULT, Kept, shown};

/// The changes, worst first.
#[derive(Default)]
pub(super) struct Changes {
    /// Sessions lose something, or give errors.
    breaking: Vec<String>,
    /// They may, if it is what it looks like.
    suspect: Vec<String>,
    /// They lose values that the program says it can do without.
    losing: Vec<String>,
    others: Vec<String>,
}

impl Changes {
    pub(super) fn between(kept: &[Kept<'_>], fields: &[FieldSpec]) -> Self {
        let mut changes = Self::default();
        let renamed = Renamed::among(kept, fields);
        for was in kept {
            match fields.iter().find(|field| field.keys().any(|key| shown(key) == was.key)) {
                Some(field) => changes.of_field(was, field),
                None if was.is_marked_gone() => changes.of_reused_alias(was, fields),
                None => changes.of_removed(was, &renamed),
            }
        }
        for field in fields {
            let is_known = field.keys().any(|key| kept.iter().any(|was| was.key == shown(key)));
            if !is_known && !renamed.0.iter().any(|(_, to)| *to == field.key) {
                changes.others.push(format!("`{}` is new.", field.key));
            }
        }
        changes
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }

    /// What becomes of sessions that are live.
    pub(super) fn verdict(&self) -> &'static str {
        match self {
            _ if !self.breaking.is_empty() => "sessions that are live would break:",
            _ if !self.suspect.is_empty() => "sessions that are live may break:",
            _ if !self.losing.is_empty() => "sessions that are live will lose values:",
            _ if self.is_empty() => "only its heading or its layout differs.",
            _ => "sessions that are live go on working:",
        }
    }

    /// Worst first.
    fn all(&self) -> impl Iterator<Item = &String> {
        self.breaking.iter().chain(&self.suspect).chain(&self.losing).chain(&self.others)
    }

    /// `was` is what is known of the field's key, or of one of its aliases.
    fn of_field(&mut self, was: &Kept<'_>, field: &FieldSpec) {
        let before = self.all().count();
        let under = if was.key == shown(field.key) { String::new() } else { format!(" under `{}`", was.key) };
        self.of_values(was, field, &under);
        self.of_older_values(was, field, &under);
        self.of_aliases(was, field);
        if self.all().count() > before {
            return;
        }
        match changed_lines(was, field) {
            _ if !under.is_empty() => self.others.push(format!("`{}` takes in what is stored{under}.", field.key)),
            Some(lines) => self.others.push(format!("`{}` has changed:{lines}", field.key)),
            None => {}
        }
    }

    fn of_values(&mut self, was: &Kept<'_>, field: &FieldSpec, under: &str) {
        let key = field.key;
        for line in was.all("written").filter(|line| !reads(field, line)) {
            let shapes = format!(
                "\n    stored   {line} {}\n    expected {} {}",
                was.shape(),
                field.written(),
                (field.shape)(field.codec)
            );
            if field.default_on_mismatch {
                self.losing.push(format!(
                    "`{key}`: values that are stored now{under} will count as absent, by `on_mismatch`.{shapes}"
                ));
            } else {
                self.breaking.push(format!(
                    "`{key}`: values that are stored now{under} can't be read.{shapes}\n  Keep the old type and add \
                     `migrate(OldType => upgrade)` to the field; or add `on_mismatch = \"default\"`, to do without them."
                ));
            }
        }
    }

    fn of_older_values(&mut self, was: &Kept<'_>, field: &FieldSpec, under: &str) {
        let key = field.key;
        for line in was.all("reads").filter(|line| !reads(field, line)) {
            if field.default_on_mismatch {
                self.losing.push(format!(
                    "`{key}`: values that were stored{under} as this will count as absent, by `on_mismatch`.\n    {line}"
                ));
            } else {
                self.breaking.push(format!(
                    "`{key}`: values that were stored{under} as this are no longer read, or not in each version.\n    {line}\n  \
                     Keep their `migrate` for as long as sessions can have them."
                ));
            }
        }
        if was.has(DEFAULT) && !field.default_on_mismatch {
            self.breaking.push(format!(
                "`{key}`: values of other shapes, which counted as absent, become errors. Keep `on_mismatch = \"default\"` for \
                 as long as sessions can have them."
            ));
        }
    }

    /// A key that a field has had as an alias, under which sessions may still have values of it.
    fn of_reused_alias(&mut self, was: &Kept<'_>, fields: &[FieldSpec]) {
        for alias in was.all("alias") {
            let reusing = fields.iter().find(|field| shown(field.key) == alias);
            if let Some(field) = reusing.filter(|field| was.all("written").any(|line| !reads(field, line))) {
                self.of_values(was, field, &format!(" by what `{}` was", was.key));
            }
        }
    }

    fn of_aliases(&mut self, was: &Kept<'_>, field: &FieldSpec) {
        for alias in was.all("alias").filter(|alias| field.keys().all(|key| shown(key) != *alias)) {
            let key = field.key;
            self.breaking.push(format!(
                "`{key}`: what is stored under `{alias}` is no longer found. Keep its `alias` for as long as sessions can have it."
            ));
        }
    }

    fn of_removed(&mut self, was: &Kept<'_>, renamed: &Renamed) {
        let key = was.key;
        match renamed.0.iter().find(|(from, _)| from == key) {
            Some((_, to)) => self.suspect.push(format!(
                "`{key}` is gone, and `{to}` is new and could read its values. If it is the same field, add `alias = {}` to it; if \
                 it is another one, nothing breaks.",
                if key.starts_with('"') { key.to_owned() } else { format!("\"{key}\"") }
            )),
            None => self.others.push(format!("`{key}` is gone: what sessions have of it is ignored.")),
        }
    }
}

/// Fields that look as if they had only been renamed, each once: the key that is gone, and the new one.
struct Renamed(Vec<(String, &'static str)>);

impl Renamed {
    fn among(kept: &[Kept<'_>], fields: &[FieldSpec]) -> Self {
        let mut new: Vec<_> = fields
            .iter()
            .filter(|field| kept.iter().all(|was| field.keys().all(|key| was.key != shown(key))))
            .collect();
        let mut renamed = Vec::new();
        for was in kept.iter().filter(|was| was.is_gone_from(fields) && !was.is_marked_gone()) {
            if let Some(at) = new.iter().position(|field| was.all("written").any(|line| reads(field, line))) {
                renamed.push((was.key.to_owned(), new.remove(at).key));
            }
        }
        Self(renamed)
    }
}

/// Whether the field reads all that the line says.
fn reads(field: &FieldSpec, line: &str) -> bool {
    let written = file::written(line);
    !written.is_empty() && written.iter().all(|written| field.reads(written))
}

/// The lines that are gone, and those that are new.
fn changed_lines(was: &Kept<'_>, field: &FieldSpec) -> Option<String> {
    let is = file::lines(field);
    let gone = was.lines.iter().filter(|line| !is.iter().any(|new| new == *line)).map(|line| format!("\n    - {line}"));
    let new = is.iter().filter(|line| !was.has(line)).map(|line| format!("\n    + {line}"));
    let lines: String = gone.chain(new).collect();
    (!lines.is_empty()).then_some(lines)
}

impl fmt::Display for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all().try_for_each(|change| write!(f, "\n- {change}"))
    }
}
