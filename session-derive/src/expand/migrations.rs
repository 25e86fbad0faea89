//! `impl Migrate<Vec<LineItem>, 2> for Shop { … }`, and `impl Upgrade<Shop, Vec<LineItem>, 2> for OldCart { … }` for each old
//! type of a field: from any of them, functions go on to the field's own.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::model::{Field, Migration, Model};

pub(super) fn expand(model: &Model) -> TokenStream {
    model.fields().filter(|field| !field.migrations.is_empty()).map(|field| migrations(field, model)).collect()
}

fn migrations(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let (value, place) = (field.value(), super::place(field));
    let numbered = || field.migrations.iter().enumerate();
    let steps = numbered().map(|(number, migration)| step(number, migration, field, model));
    let arms = numbered().map(|(number, migration)| arm(number, migration, field, model));
    let first_of_type = numbered().filter(|(_, migration)| migration.is_first_of_type);
    let upgrades = first_of_type.map(|(number, migration)| upgrade(number, migration, field, model));
    let stored = quote!(#krate::__private::Stored<'_, #value>);
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #name #ty_generics #where_clause {
            #(#steps)*
        }

        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #krate::__private::Migrate<#value, #place> for #name #ty_generics #where_clause {
            fn migrate(stored: #stored) -> #stored {
                stored #(#arms)*
            }
        }

        #(#upgrades)*
    }
}

/// The function in which the user's one is called. Nothing of ours is in scope there, and `Self` is the user's struct.
fn step(number: usize, migration: &Migration, field: &Field, model: &Model) -> TokenStream {
    let Migration { old, upgrade, .. } = migration;
    let (value, place, name) = (field.value(), super::place(field), step_name(number, field));
    // A wrong function is one error, on the function.
    let span = upgrade.span();
    let krate = super::krate_at(span, model);
    let (gives, output) = match migration.gives_value() {
        true => (quote!(#value), quote!(#value)),
        false => (quote!(_), quote_spanned!(span=> impl #krate::__private::Upgrade<Self, #value, #place>)),
    };
    // Not to be seen by the user's code.
    let value = Ident::new("old", Span::mixed_site());
    let body = quote_spanned!(span=> #krate::__private::step::<#old, #gives>(#value, #upgrade));
    quote! {
        #[doc(hidden)]
        fn #name(#value: #old) -> #output { #body }
    }
}

fn step_name(number: usize, field: &Field) -> Ident {
    format_ident!("__upgrade_{}_{number}", field.name.unraw())
}

/// `.from::<OldCart>(None, …)`
fn arm(number: usize, migration: &Migration, field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Migration { old, version, .. } = migration;
    let version =
        version.map_or_else(|| quote!(#krate::__private::None), |version| quote!(#krate::__private::Some(#version)));
    let to_value = to_value(quote!(Self), field, model, old.span());
    let step = step_name(number, field);
    // The bound on the old type is checked here.
    let from = quote_spanned!(old.span()=> from::<#old>);
    quote!(.#from(#version, |old, steps| #to_value(Self::#step(old), steps)))
}

/// `impl Upgrade<Shop, Vec<LineItem>, 2> for OldCart { … }`
fn upgrade(number: usize, migration: &Migration, field: &Field, model: &Model) -> TokenStream {
    let Model { krate, name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let turbofish = ty_generics.as_turbofish();
    let allowed_lints = super::allowed_lints();
    let (value, place, old) = (field.value(), super::place(field), &migration.old);
    let data = quote!(#name #ty_generics);
    let to_value = to_value(data.clone(), field, model, old.span());
    let step = step_name(number, field);
    let private = quote!(#krate::__private);
    let head = quote_spanned! {old.span()=>
        impl #impl_generics #krate::__private::Upgrade<#data, #value, #place> for #old #where_clause
    };
    quote! {
        #[automatically_derived]
        #allowed_lints
        #head {
            fn upgrade(self, steps: #private::Steps) -> #private::Option<#value> {
                #to_value(#name #turbofish::#step(self), steps)
            }
        }
    }
}

fn to_value(data: TokenStream, field: &Field, model: &Model, span: Span) -> TokenStream {
    let krate = super::krate_at(span, model);
    let (value, place) = (field.value(), super::place(field));
    quote_spanned!(span=> #krate::__private::go_on::<#data, #value, #place, _>)
}
