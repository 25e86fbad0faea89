//! What is written in `#[session(…)]`, read without judging how it fits together.

use std::time::Duration;

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::meta::ParseNestedMeta;
use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Path, Token};

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
            let (input, before) = (meta.input, errors.count());
            part(meta, errors);
            let rest = until_comma(input)?;
            // Where the part is wrong, so may be the rest of it: one error is enough.
            if errors.count() == before && !rest.is_empty() {
                errors.at(rest, "expected a `,` before this");
            }
            Ok(())
        });
        errors.take(read);
    }
}

fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    std::iter::from_fn(|| (!at_end(input)).then(|| input.parse::<proc_macro2::TokenTree>())).collect()
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

fn flag(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<()> {
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
fn text(meta: &ParseNestedMeta<'_>, example: &str, errors: &mut Errors) -> Option<LitStr> {
    let value = value(meta, &format!("a value: `{example}`"), errors)?;
    let expression = errors.take(value.parse::<Expr>())?;
    match literal(&expression) {
        Some(Lit::Str(text)) if text.value().is_empty() => {
            errors.at(text, format!("`{}` must not be empty: `{example}`", name(meta)));
            None
        }
        Some(Lit::Str(text)) => Some(text.clone()),
        _ => {
            errors.at(expression, format!("`{}` needs a string: `{example}`", name(meta)));
            None
        }
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

fn ttl(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Duration> {
    let text = text(meta, "ttl = \"15m\"", errors)?;
    duration::parse(&text.value()).map_err(|message| errors.at(&text, message)).ok()
}

fn default(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Option<Expr>> {
    const NEEDS: &str = "an expression, as in `default = 3`, or nothing: `default`";
    if !meta.input.peek(Token![=]) && !meta.input.peek(Paren) {
        return Some(None);
    }
    let value = value(meta, NEEDS, errors)?;
    errors.take(value.parse()).map(Some)
}

fn path(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Option<Path> {
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
