//! What is written in `#[session(…)]`, read without judging how it fits together.

use std::time::Duration;

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::{Attribute, Expr, LitStr, Path, Token};

use crate::duration;
use crate::errors::Errors;
use crate::names;

/// A part that was written, and the tokens of its name.
pub(crate) struct Written<T> {
    pub(crate) name: Path,
    pub(crate) value: T,
}

/// The attributes of a struct.
#[derive(Default)]
pub(crate) struct StructAttrs {
    pub(crate) krate: Option<Written<Path>>,
    pub(crate) prefix: Option<Written<LitStr>>,
}

/// The attributes of a field.
#[derive(Default)]
pub(crate) struct FieldAttrs {
    /// `default` has no expression, `default = expr` has one.
    pub(crate) default: Option<Written<Option<Expr>>>,
    pub(crate) ttl: Option<Written<Duration>>,
    pub(crate) lazy: Option<Written<()>>,
    pub(crate) rotate: Option<Written<()>>,
    pub(crate) rename: Option<Written<LitStr>>,
    pub(crate) aliases: Vec<LitStr>,
}

const ON_STRUCT: &[&str] = &["crate", "prefix"];
const ON_FIELD: &[&str] = &["default", "ttl", "lazy", "rotate", "rename", "alias"];

impl StructAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self::default();
        for_each(attrs, errors, |meta, errors| match name(&meta).as_str() {
            // crate = path::to::session_runtime
            "crate" => once(&mut read.krate, &meta, path(&meta, errors), errors),
            // prefix = "shop"
            "prefix" => once(&mut read.prefix, &meta, text(&meta, "prefix = \"shop\"", errors), errors),
            other => unknown(&meta, other, ("struct", ON_STRUCT), ("field", ON_FIELD), errors),
        });
        read
    }
}

impl FieldAttrs {
    pub(crate) fn read(attrs: &[Attribute], errors: &mut Errors) -> Self {
        let mut read = Self::default();
        for_each(attrs, errors, |meta, errors| match name(&meta).as_str() {
            // default, default = expression
            "default" => once(&mut read.default, &meta, default(&meta, errors), errors),
            // ttl = "15m"
            "ttl" => once(&mut read.ttl, &meta, ttl(&meta, errors), errors),
            // lazy
            "lazy" => once(&mut read.lazy, &meta, flag(&meta, errors), errors),
            // rotate
            "rotate" => once(&mut read.rotate, &meta, flag(&meta, errors), errors),
            // rename = "key"
            "rename" => once(&mut read.rename, &meta, text(&meta, "rename = \"key\"", errors), errors),
            // alias = "old_key"
            "alias" => read.aliases.extend(text(&meta, "alias = \"old_key\"", errors)),
            other => unknown(&meta, other, ("field", ON_FIELD), ("struct", ON_STRUCT), errors),
        });
        read
    }
}

/// Reads each part of each `#[session(…)]`. A part that is wrong does not hide those after it.
fn for_each(attrs: &[Attribute], errors: &mut Errors, mut part: impl FnMut(ParseNestedMeta<'_>, &mut Errors)) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("session")) {
        let read = attr.parse_nested_meta(|meta| {
            let input = meta.input;
            part(meta, errors);
            // What is left of this part, so that the next one is found.
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<TokenTree>()?;
            }
            Ok(())
        });
        errors.take(read);
    }
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.get_ident().map(ToString::to_string).unwrap_or_else(|| meta.path.to_token_stream().to_string())
}

fn once<T>(slot: &mut Option<Written<T>>, meta: &ParseNestedMeta<'_>, value: Option<T>, errors: &mut Errors) {
    if slot.is_some() {
        errors.at(&meta.path, format!("`{}` is given twice; keep one", name(meta)));
    } else if let Some(value) = value {
        *slot = Some(Written { name: meta.path.clone(), value });
    }
}

fn flag(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<()> {
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        return Some(());
    }
    errors.at(&meta.path, format!("`{0}` takes no value: write just `{0}`", name(meta)));
    None
}

/// A string, after `=`.
fn text(meta: &ParseNestedMeta<'_>, example: &str, errors: &mut Errors) -> Option<LitStr> {
    let needs = |problem: &str| format!("`{}` {problem}: `{example}`", name(meta));
    if !meta.input.peek(Token![=]) {
        errors.at(&meta.path, needs("needs a value"));
        return None;
    }
    let literal = meta.value().and_then(|value| value.parse::<Expr>());
    match errors.take(literal)? {
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) if text.value().is_empty() => {
            errors.at(text, needs("must not be empty"));
            None
        }
        Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text),
        other => {
            errors.at(other, needs("needs a string"));
            None
        }
    }
}

fn ttl(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Duration> {
    let text = text(meta, "ttl = \"15m\"", errors)?;
    duration::parse(&text.value()).map_err(|message| errors.at(&text, message)).ok()
}

fn default(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Option<Expr>> {
    if !meta.input.peek(Token![=]) {
        return flag(meta, errors).map(|()| None);
    }
    errors.take(meta.value().and_then(|value| value.parse())).map(Some)
}

fn path(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Path> {
    if !meta.input.peek(Token![=]) {
        errors.at(&meta.path, "`crate` needs a path: `crate = my_sessions`");
        return None;
    }
    errors.take(meta.value().and_then(|value| value.call(Path::parse_mod_style)))
}

/// A name that is no attribute here: names what was probably meant, or where it belongs.
fn unknown(
    meta: &ParseNestedMeta<'_>,
    name: &str,
    (here, known): (&str, &[&str]),
    (there, elsewhere): (&str, &[&str]),
    errors: &mut Errors,
) {
    let message = if elsewhere.contains(&name) {
        format!("`{name}` belongs on a {there}, not on a {here}")
    } else if let Some(similar) = names::similar(name, known) {
        format!("unknown session attribute `{name}`; did you mean `{similar}`?")
    } else {
        let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        format!("unknown session attribute `{name}`; on a {here} it can be {}", known.join(", "))
    };
    errors.at(&meta.path, message);
}
