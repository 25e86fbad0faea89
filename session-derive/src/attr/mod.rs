//! What is written in `#[session(…)]`, read without judging how it fits together.

use std::time::Duration;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, LitStr, Path, Token};

use crate::errors::Errors;
use crate::names;

mod migrate;
mod values;

pub(crate) use migrate::Arm;
use values::{default, flag, path, text, ttl, version, word};

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
    pub(crate) index: Option<Written<()>>,
    pub(crate) rotate: Option<Written<()>>,
    pub(crate) rename: Option<Written<LitStr>>,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) codec: Option<Written<Codec>>,
    pub(crate) version: Option<Written<u32>>,
    /// The arms of every `migrate(…)`; `None` for an arm that is wrong.
    pub(crate) migrations: Vec<Option<Arm>>,
    pub(crate) on_mismatch: Option<Written<OnMismatch>>,
    pub(crate) flatten: Option<Written<()>>,
    /// `flatten` is meant, if not written as it must be: a slice that is taken for a value is a second error.
    pub(crate) is_slice: bool,
    /// The names of all parts that are right, in order.
    pub(crate) names: Vec<Path>,
}

/// How a value becomes bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Bincode,
    Json,
}

/// What becomes of a stored value that is not of the field's type, nor of one that it is migrated from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnMismatch {
    /// It is as if the field were absent.
    Default,
    Error,
}

const ON_STRUCT: &[&str] = &["crate", "prefix"];
const ON_FIELD: &[&str] = &[
    "default",
    "ttl",
    "lazy",
    "index",
    "rotate",
    "rename",
    "alias",
    "codec",
    "version",
    "migrate",
    "on_mismatch",
    "flatten",
];

const CODECS: &[(&str, Codec)] = &[("bincode", Codec::Bincode), ("json", Codec::Json)];
const REACTIONS: &[(&str, OnMismatch)] = &[("default", OnMismatch::Default), ("error", OnMismatch::Error)];

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
        let names = for_each(attrs, errors, |meta, errors| {
            let name = name(&meta);
            read.is_slice |= means_flatten(&name);
            read.part(&meta, &name, errors);
        });
        Self { names, ..read }
    }

    fn part(&mut self, meta: &ParseNestedMeta<'_>, name: &str, errors: &mut Errors) {
        match name {
            // default, default = expression
            "default" => once(&mut self.default, meta, default(meta, errors), errors),
            // ttl = "15m"
            "ttl" => once(&mut self.ttl, meta, ttl(meta, errors), errors),
            "lazy" => once(&mut self.lazy, meta, flag(meta, errors), errors),
            "index" => once(&mut self.index, meta, flag(meta, errors), errors),
            "rotate" => once(&mut self.rotate, meta, flag(meta, errors), errors),
            // rename = "key"
            "rename" => once(&mut self.rename, meta, text(meta, "rename = \"key\"", errors), errors),
            // alias = "old_key"
            "alias" => self.aliases.extend(text(meta, "alias = \"old_key\"", errors)),
            // codec = "json"
            "codec" => once(&mut self.codec, meta, word(meta, "codec = \"json\"", CODECS, errors), errors),
            // version = 2
            "version" => once(&mut self.version, meta, version(meta, errors), errors),
            // migrate(OldCart => upgrade, OlderCart => upgrade_older, version = 1)
            "migrate" => self.migrations.extend(migrate::arms(meta, errors)),
            // on_mismatch = "default"
            "on_mismatch" => {
                let reaction = word(meta, "on_mismatch = \"default\"", REACTIONS, errors);
                once(&mut self.on_mismatch, meta, reaction, errors);
            }
            "flatten" => once(&mut self.flatten, meta, flag(meta, errors), errors),
            other => unknown(meta, other, ("field", ON_FIELD), ("struct", ON_STRUCT), errors),
        }
    }
}

/// Whether this is `flatten`, or was probably meant to be.
fn means_flatten(name: &str) -> bool {
    let misspelt = || !ON_FIELD.contains(&name) && names::similar(&name.to_lowercase(), ON_FIELD) == Some("flatten");
    name == "flatten" || misspelt()
}

/// Reads each part of each `#[session(…)]`, and gives the names of those that are right. A part that is wrong does not hide
/// those after it.
fn for_each(
    attrs: &[Attribute],
    errors: &mut Errors,
    mut part: impl FnMut(ParseNestedMeta<'_>, &mut Errors),
) -> Vec<Path> {
    let mut names = Vec::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("session")) {
        let read = attr.parse_nested_meta(|meta| {
            let (name, input, before) = (meta.path.clone(), meta.input, errors.count());
            part(meta, errors);
            end_of_part(input, before, errors);
            names.extend((errors.count() == before).then_some(name));
            Ok(())
        });
        errors.take(read);
    }
    names
}

/// Passes over what is left of a part, before which there were so many errors.
fn end_of_part(input: ParseStream<'_>, before: usize, errors: &mut Errors) {
    let rest = until_comma(input);
    // Where the part is wrong, so may be the rest of it: one error is enough.
    if errors.count() == before && !rest.is_empty() {
        errors.at(rest, "expected a `,` before this");
    }
}

fn until_comma(input: ParseStream<'_>) -> TokenStream {
    std::iter::from_fn(|| if at_end(input) { None } else { input.parse::<TokenTree>().ok() }).collect()
}

/// Whether this part of the attribute ends here.
fn at_end(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(Token![,])
}

fn name(meta: &ParseNestedMeta<'_>) -> String {
    meta.path.to_token_stream().to_string().replace(' ', "")
}

/// Keeps the value. A part without one has been reported, so it is not reported as a second one too.
fn once<T>(slot: &mut Option<Written<T>>, meta: &ParseNestedMeta<'_>, value: Option<T>, errors: &mut Errors) {
    match value {
        None => {}
        Some(_) if slot.is_some() => errors.at(&meta.path, format!("`{}` is given twice; keep one", name(meta))),
        Some(value) => *slot = Some(Written { name: meta.path.clone(), value }),
    }
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
    } else if let Some(similar) = names::similar(&name.to_lowercase(), known) {
        format!("unknown session attribute `{name}`; did you mean `{similar}`?")
    } else {
        let known: Vec<_> = known.iter().map(|name| format!("`{name}`")).collect();
        format!("unknown session attribute `{name}`; on a {here} it can be {}", known.join(", "))
    };
    errors.at(&meta.path, message);
}
