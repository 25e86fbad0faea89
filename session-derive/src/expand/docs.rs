//! What accessors say of themselves, and what the user says of the field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;
use syn::{Attribute, Expr, ExprLit, Lit, Meta, parse_quote_spanned};

use crate::model::{Field, Kind};

/// What the accessors say themselves.
pub(super) fn lines(field: &Field) -> [String; 6] {
    let name = field.name.unraw();
    let absent = match field.kind {
        Kind::Optional(_) => "`None`",
        Kind::Defaulted(_) => "its default",
    };
    [
        format!(" The session's `{name}`; {absent} where it is absent."),
        format!(
            " Sets the session's `{name}`: await it. `.ttl(Duration)` lets this value end earlier or later than usual."
        ),
        format!(
            " Changes the session's `{name}` atomically; the closure may run again when others change it at the same time."
        ),
        format!(" Takes the session's `{name}` out, atomically: of all requests that try, one gets it."),
        format!(" Removes the session's `{name}`."),
        format!(" Whether the session has a `{name}`."),
    ]
}

/// The user's own words, after those of the macro.
pub(super) fn below(docs: &[Attribute]) -> Option<TokenStream> {
    (!docs.is_empty()).then(|| quote!(#[doc = ""] #(#docs)*))
}

/// The first paragraph, which is enough for all accessors but one: an example is a test, and would run for each of them. What is
/// no text, such as `#[doc(hidden)]`, is for all.
pub(super) fn first_paragraph(docs: &[Attribute]) -> Vec<Attribute> {
    let mut paragraph = Paragraph::default();
    docs.iter().filter_map(|doc| if is_text(doc) { paragraph.part_of(doc) } else { Some(doc.clone()) }).collect()
}

fn is_text(doc: &Attribute) -> bool {
    matches!(doc.meta, Meta::NameValue(_))
}

/// How far the first paragraph was read.
#[derive(Default)]
struct Paragraph {
    begun: bool,
    ended: bool,
    is_in_code: bool,
}

impl Paragraph {
    /// What of this text belongs to the paragraph. It has one line, or all those of a `/** … */`.
    fn part_of(&mut self, doc: &Attribute) -> Option<Attribute> {
        // The text of `#[doc = include_str!(…)]` is not known here.
        let text = text(doc).unwrap_or_default();
        let lines: Vec<String> = text.split('\n').filter_map(|line| self.take(line)).collect();
        let lines = lines.join("\n");
        (!lines.is_empty()).then(|| parse_quote_spanned!(doc.span()=> #[doc = #lines]))
    }

    fn take(&mut self, line: &str) -> Option<String> {
        let is_empty = line.trim_matches(|c: char| c == '*' || c.is_whitespace()).is_empty();
        self.is_in_code ^= is_fence(line);
        self.ended |= (is_empty && self.begun) || self.is_in_code;
        self.begun |= !is_empty;
        match self.ended {
            false => self.begun.then(|| line.to_owned()),
            // The paragraph may lean on it. It needs an empty line before it.
            true => (!self.is_in_code && defines_a_link(line)).then(|| format!("\n{line}")),
        }
    }
}

/// `[name]: where`.
fn defines_a_link(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c == '*' || c.is_whitespace());
    line.starts_with('[') && line.contains("]: ")
}

/// Where code begins, which needs no empty line before it, or ends.
fn is_fence(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| c == '*' || c.is_whitespace());
    line.starts_with("```") || line.starts_with("~~~")
}

fn text(doc: &Attribute) -> Option<String> {
    match &doc.meta.require_name_value().ok()?.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
