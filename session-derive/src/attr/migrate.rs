//! `migrate(OldCart => upgrade, OlderCart => upgrade_older, version = 1)`

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseBuffer, ParseStream};
use syn::{Expr, Ident, Token, Type};

use super::values::{VERSION_NEEDS, number};
use super::{at_end, end_of_part, until_comma};
use crate::errors::Errors;
use crate::names;

/// `OldCart => upgrade`: a type that the field had, and the function from it.
pub(crate) struct Arm {
    pub(crate) old: Type,
    pub(crate) upgrade: Expr,
    /// Which version of the field had the type, where that is said.
    pub(crate) version: Option<u32>,
}

const NO_ARM: &str = "`version` belongs after what it is for: `migrate(OldCart => upgrade, version = 1)`";
const EXAMPLE: &str = "`migrate(OldCart => upgrade)`";

/// The arms of one `migrate(…)`; `None` for each that is wrong.
pub(super) fn arms(meta: &ParseNestedMeta<'_>, errors: &mut Errors) -> Vec<Option<Arm>> {
    match parenthesized(meta.input) {
        Ok(content) if !content.is_empty() => read(&content, errors),
        _ => {
            errors.at(&meta.path, format!("`migrate` needs a type that the field had, and a function: {EXAMPLE}"));
            vec![None]
        }
    }
}

fn parenthesized<'a>(input: ParseStream<'a>) -> syn::Result<ParseBuffer<'a>> {
    let content;
    syn::parenthesized!(content in input);
    Ok(content)
}

fn read(input: ParseStream<'_>, errors: &mut Errors) -> Vec<Option<Arm>> {
    let mut arms = Vec::new();
    while !input.is_empty() {
        let before = errors.count();
        match version_name(input) {
            Some(name) => keep(version(&name, input, errors), &name, arms.last_mut(), errors),
            None => arms.push(arm(input, errors)),
        }
        end_of_part(input, before, errors);
        errors.take(input.parse::<Option<Token![,]>>());
    }
    arms
}

fn arm(input: ParseStream<'_>, errors: &mut Errors) -> Option<Arm> {
    let old = old_type(input, errors)?;
    let arrow = arrow(input, &old, errors)?;
    let upgrade = upgrade(input, arrow, errors)?;
    Some(Arm { old, upgrade, version: None })
}

fn old_type(input: ParseStream<'_>, errors: &mut Errors) -> Option<Type> {
    if let Ok(arrow) = input.parse::<Token![=>]>() {
        errors.at(arrow, format!("expected the old type before this: {EXAMPLE}"));
        return None;
    }
    let expected = || format!("expected a type that the field had: {EXAMPLE}");
    let old = parse_or_skip(input).map_err(|error| syn::Error::new(error.span(), expected()));
    match errors.take(old)? {
        // As in a `match`, but there is nothing to know the type from.
        Type::Infer(any) => {
            errors.at(any, expected());
            None
        }
        old => Some(old),
    }
}

fn arrow(input: ParseStream<'_>, old: &Type, errors: &mut Errors) -> Option<Token![=>]> {
    if let Ok(arrow) = input.parse() {
        return Some(arrow);
    }
    let message = format!("expected `=>` and a function after the old type: {EXAMPLE}");
    if at_end(input) {
        errors.at(old, message);
        // The comma may stand where the `=>` should.
        skip(input);
    } else {
        errors.at(until_comma(input), message);
    }
    None
}

fn upgrade(input: ParseStream<'_>, arrow: Token![=>], errors: &mut Errors) -> Option<Expr> {
    if at_end(input) {
        errors.at(arrow, format!("expected a function after this: {EXAMPLE}"));
        return None;
    }
    errors.take(parse_or_skip(input))
}

/// What can't be read may go on after the next comma: nothing of it is read then.
fn parse_or_skip<T: Parse>(input: ParseStream<'_>) -> syn::Result<T> {
    input.parse().inspect_err(|_| skip(input))
}

fn skip(input: ParseStream<'_>) {
    let _: syn::Result<TokenStream> = input.parse();
}

/// The name of `version = 1`, where that comes next and not a type.
fn version_name(input: ParseStream<'_>) -> Option<Ident> {
    let after = input.fork();
    let name = after.call(Ident::parse_any).ok()?;
    let is_equals = after.peek(Token![=]) && !after.peek(Token![=>]);
    let is_version = match is_equals {
        true => names::similar(&name.to_string(), &["version"]).is_some(),
        false => name == "version" && at_end(&after),
    };
    if is_version { input.call(Ident::parse_any).ok() } else { None }
}

fn version(name: &Ident, input: ParseStream<'_>, errors: &mut Errors) -> Option<u32> {
    if name != "version" {
        errors.at(name, format!("unknown `{name}` in `migrate`; did you mean `version`?"));
        return None;
    }
    if input.parse::<Token![=]>().is_err() || at_end(input) {
        errors.at(name, format!("`version` needs {VERSION_NEEDS}"));
        return None;
    }
    number(input, errors)
}

/// Gives the version to the arm before it. Where one of the two is wrong, that has been reported.
fn keep(version: Option<u32>, name: &Ident, arm: Option<&mut Option<Arm>>, errors: &mut Errors) {
    match (version, arm) {
        (None, _) | (_, Some(None)) => {}
        (_, None) => errors.at(name, NO_ARM),
        (_, Some(Some(Arm { version: Some(_), .. }))) => {
            errors.at(name, "`version` is given twice for one type; keep one")
        }
        (version, Some(Some(arm))) => arm.version = version,
    }
}
