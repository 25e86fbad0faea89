//! The struct's parameters, with the bounds that generated code needs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Generics, Ident, Path, Type, parse_quote};

use super::own_type::OwnType;
use super::types;
use super::{Kind, Member};
use crate::errors::Errors;

pub(super) fn refuse_lifetimes(generics: &Generics, errors: &mut Errors) {
    if let Some(first) = generics.lifetimes().next() {
        errors.at(first, "session data outlives the request, so it can't borrow: use owned types such as `String`");
    }
}

/// The parameters and their bounds as they are written, without `Self`.
pub(super) fn named(written: &Generics, own_type: &OwnType) -> Generics {
    let mut generics = written.clone();
    for parameter in &mut generics.params {
        *parameter = own_type.named_in(parameter.clone());
    }
    generics.where_clause = generics.where_clause.map(|clause| own_type.named_in(clause));
    generics
}

/// As in std's derives, what depends on a parameter is asked of whoever gives the parameter a type.
pub(super) fn bounded(written: &Generics, members: &[Member], krate: &Path) -> Generics {
    let mut generics = written.clone();
    if generics.params.is_empty() {
        return generics;
    }
    // They are errors; the code beside the error works for `'static`.
    for lifetime in generics.lifetimes_mut() {
        lifetime.bounds.push(parse_quote!('static));
    }
    let private = quote!(#krate::__private);
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#private::Send));
        parameter.bounds.push(parse_quote!(#private::Sync));
        parameter.bounds.push(parse_quote!('static));
    }
    let parameters: Vec<&Ident> = written.type_params().map(|parameter| &parameter.ident).collect();
    let needs = members.iter().flat_map(|member| needs(member, krate));
    for (ty, bound) in needs.filter(|(ty, _)| types::mentions(ty, &parameters)) {
        generics.make_where_clause().predicates.push(parse_quote!(#ty: #bound));
    }
    generics
}

/// The types of a member, and what each must implement.
fn needs<'a>(member: &'a Member, krate: &Path) -> Vec<(&'a Type, TokenStream)> {
    let field = match member {
        Member::Field(field) => field,
        Member::Slice(slice) => return vec![(&slice.ty, quote!(#krate::SessionData))],
    };
    let mut needs = vec![(field.value(), quote!(#krate::Value))];
    if let Kind::Defaulted(None) = field.kind {
        needs.push((&field.ty, quote!(#krate::__private::HasDefault)));
    }
    needs.extend(field.migrations.iter().map(|migration| (&migration.old, quote!(#krate::Value))));
    needs
}
