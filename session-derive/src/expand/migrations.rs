//! `impl Migrate<Vec<LineItem>, 2> for Shop { … }`, and `impl Upgrade<Shop, Vec<LineItem>, 2> for OldCart { … }` for each old
//! type of a field: from any of them, functions go on to the field's own.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::{Field, Migration, Model};

pub(super) fn expand(model: &Model) -> TokenStream {
    model.fields().filter(|field| !field.migrations.is_empty()).map(|field| migrations(field, model)).collect()
}

fn migrations(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let (value, index) = (field.value(), super::index(field));
    let upgrades = field.migrations.iter().filter(|migration| migration.is_first_of_type);
    let upgrades = upgrades.map(|migration| upgrade(migration, field, model));
    let arms = field.migrations.iter().map(|migration| arm(migration, field, model));
    let stored = quote!(#krate::__private::Stored<'_, #value>);
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #krate::__private::Migrate<#value, #index> for #name #ty_generics #where_clause {
            fn migrate(stored: #stored) -> #stored {
                stored #(#arms)*
            }
        }

        #(#upgrades)*
    }
}

/// `.from::<OldCart>(None, …)`
fn arm(migration: &Migration, field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Migration { old, version, .. } = migration;
    let option = quote!(#krate::__private::core::option::Option);
    let version = version.map_or_else(|| quote!(#option::None), |version| quote!(#option::Some(#version)));
    let upgrade = match migration.is_first_of_type {
        true => to_value(quote!(Self), field, model, old.span()),
        false => {
            let upgraded = upgraded(quote!(old), quote!(Self), migration, field, model);
            quote!(|old| #upgraded)
        }
    };
    // The bound on the old type is checked here.
    let from = quote_spanned!(old.span()=> from::<#old>);
    quote!(.#from(#version, #upgrade))
}

fn upgrade(migration: &Migration, field: &Field, model: &Model) -> TokenStream {
    let Model { krate, name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let (value, index, old) = (field.value(), super::index(field), &migration.old);
    let data = quote!(#name #ty_generics);
    let upgraded = upgraded(quote!(self), data.clone(), migration, field, model);
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #krate::__private::Upgrade<#data, #value, #index> for #old #where_clause {
            fn upgrade(self) -> #value {
                #upgraded
            }
        }
    }
}

/// What the user's function makes of the old value, and what the functions after it make of that.
fn upgraded(
    old_value: TokenStream,
    data: TokenStream,
    migration: &Migration,
    field: &Field,
    model: &Model,
) -> TokenStream {
    let Migration { old, upgrade, .. } = migration;
    // A wrong function is one error, on the function. Only the place is the user's: `self` is the one of `upgrade`.
    let span = upgrade.span().resolved_at(Span::call_site());
    let krate = super::krate_at(span, model);
    if migration.gives_value() {
        let value = field.value();
        return quote_spanned!(span=> #krate::__private::step::<#old, #value>(#old_value, #upgrade));
    }
    let to_value = to_value(data, field, model, span);
    quote_spanned!(span=> #to_value(#krate::__private::step::<#old, _>(#old_value, #upgrade)))
}

fn to_value(data: TokenStream, field: &Field, model: &Model, span: Span) -> TokenStream {
    let krate = super::krate_at(span, model);
    let (value, index) = (field.value(), super::index(field));
    quote_spanned!(span=> #krate::__private::Upgrade::<#data, #value, #index>::upgrade)
}
