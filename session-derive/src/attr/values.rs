//! The values of attributes, each as one kind of thing: a flag, a string, a number, …

use std::time::Duration;

use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Expr, ExprLit, Lit, LitInt, LitStr, Path, Token};

use super::{at_end, name};
use crate::duration;
use crate::errors::Errors;
use crate::names;

pub(super) fn flag(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<()> {
    if meta.input.peek(Token![=]) || meta.input.peek(Paren) {
        errors.at(&meta.path, format!("`{0}` takes no value: write just `{0}`", name(meta)));
        return None;
    }
    Some(())
}

/// What stands after `=`.
fn value<'a>(meta: &ParseNestedMeta<'a>, needs: &str, errors: &mut Errors) -> Option<ParseStream<'a>> {
    let value = meta.value().ok().filter(|value| !at_end(value));
    if value.is_none() {
        errors.at(&meta.path, format!("`{}` needs {needs}", name(meta)));
    }
    value
}

/// A string, after `=`.
pub(super) fn text(meta: &ParseNestedMeta<'_>, example: &str, errors: &mut Errors) -> Option<LitStr> {
    let value = value(meta, &format!("a value: `{example}`"), errors)?;
    let expression = errors.take(value.parse::<Expr>())?;
    match literal(&expression) {
        Some(Lit::Str(text)) if text.value().is_empty() => {
            errors.at(text, format!("`{}` must not be empty: `{example}`", name(meta)));
            None
        }
        Some(Lit::Str(text)) if text.value().contains('\0') => {
            errors.at(text, format!("`{}` must be without NUL, which databases don't take: `{example}`", name(meta)));
            None
        }
        Some(Lit::Str(text)) => Some(text.clone()),
        _ => {
            errors.at(expression, format!("`{}` needs a string: `{example}`", name(meta)));
            None
        }
    }
}

/// One of these strings, after `=`: what it means.
pub(super) fn word<T: Copy>(
    meta: &ParseNestedMeta<'_>,
    example: &str,
    words: &[(&str, T)],
    errors: &mut Errors,
) -> Option<T> {
    let text = text(meta, example, errors)?;
    let meaning = words.iter().find(|(word, _)| *word == text.value()).map(|(_, meaning)| *meaning);
    if meaning.is_none() {
        let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        errors.at(&text, unknown_word(&name(meta), &text.value(), &words));
    }
    meaning
}

fn unknown_word(name: &str, word: &str, known: &[&str]) -> String {
    let instead = match names::similar(&word.to_lowercase(), known) {
        Some(similar) => format!("did you mean `\"{similar}\"`?"),
        None => format!("it can be `\"{}\"`", known.join("\"` or `\"")),
    };
    format!("unknown {name} `\"{word}\"`; {instead}")
}

pub(super) const VERSION_NEEDS: &str = "a whole number from 1, as in `version = 2`";

/// A version, after `=`.
pub(super) fn version(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<u32> {
    let value = value(meta, VERSION_NEEDS, errors)?;
    number(value, errors)
}

/// The number of a version.
pub(super) fn number(value: ParseStream<'_>, errors: &mut Errors) -> Option<u32> {
    let expression = errors.take(value.parse::<Expr>())?;
    let read = match literal(&expression) {
        Some(Lit::Int(number)) => whole_number(number),
        _ => Err(format!("`version` needs {VERSION_NEEDS}")),
    };
    read.map_err(|message| errors.at(expression, message)).ok()
}

fn whole_number(number: &LitInt) -> Result<u32, String> {
    match (number.suffix(), number.base10_parse()) {
        ("", Ok(0)) => Err(format!("`version` needs {VERSION_NEEDS}")),
        ("", Ok(number)) => Ok(number),
        ("", Err(_)) => Err(format!("`{number}` is too large: the last `version` is {}", u32::MAX)),
        (suffix, _) => Err(format!("`version` needs {VERSION_NEEDS}, without `{suffix}`")),
    }
}

fn literal(expression: &Expr) -> Option<&Lit> {
    match expression {
        Expr::Lit(ExprLit { lit, .. }) => Some(lit),
        // A literal that a `macro_rules!` macro passed on.
        Expr::Group(group) => literal(&group.expr),
        _ => None,
    }
}

pub(super) fn ttl(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Duration> {
    let text = text(meta, "ttl = \"15m\"", errors)?;
    duration::parse(&text.value()).map_err(|message| errors.at(&text, message)).ok()
}

pub(super) fn default(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Option<Expr>> {
    const NEEDS: &str = "an expression, as in `default = 3`, or nothing: `default`";
    if !meta.input.peek(Token![=]) && !meta.input.peek(Paren) {
        return Some(None);
    }
    let value = value(meta, NEEDS, errors)?;
    errors.take(value.parse()).map(Some)
}

pub(super) fn path(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Path> {
    const NEEDS: &str = "a path: `crate = my_sessions`";
    let value = value(meta, NEEDS, errors)?;
    match value.parse::<Lit>() {
        Ok(text) => {
            errors.at(text, format!("`crate` needs {NEEDS}, without quotes"));
            None
        }
        Err(_) => errors.take(value.call(Path::parse_mod_style)),
    }
}
