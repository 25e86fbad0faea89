//! The struct's parameters, with the bounds that generated code needs.

use quote::quote;
use syn::{Generics, Ident, Path, parse_quote};

use super::types;
use super::{Field, Kind};
use crate::errors::Errors;

pub(super) fn refuse_lifetimes(generics: &Generics, errors: &mut Errors) {
    if let Some(first) = generics.lifetimes().next() {
        errors.at(first, "session data outlives the request, so it can't borrow: use owned types such as `String`");
    }
}

/// As in std's derives, what depends on a parameter is asked of whoever gives the parameter a type.
pub(super) fn bounded(written: &Generics, fields: &[Field], krate: &Path) -> Generics {
    let mut generics = written.clone();
    // They are errors; the code beside the error works for `'static`.
    for lifetime in generics.lifetimes_mut() {
        lifetime.bounds.push(parse_quote!('static));
    }
    let core = quote!(#krate::__private::core);
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#core::marker::Send));
        parameter.bounds.push(parse_quote!(#core::marker::Sync));
        parameter.bounds.push(parse_quote!('static));
    }
    let parameters: Vec<&Ident> = written.type_params().map(|parameter| &parameter.ident).collect();
    for field in fields.iter().filter(|field| types::mentions(&field.ty, &parameters)) {
        let (ty, value) = (&field.ty, field.value());
        let predicates = &mut generics.make_where_clause().predicates;
        predicates.push(parse_quote!(#value: #krate::Value));
        if let Kind::Defaulted(None) = field.kind {
            predicates.push(parse_quote!(#ty: #krate::__private::HasDefault));
        }
    }
    generics
}
