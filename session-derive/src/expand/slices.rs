//! `impl Contains<Auth> for Shop {}`, and the check that slices have no key in common.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::{Model, Slice};

pub(super) fn expand(model: &Model) -> TokenStream {
    let contained = model.slices().map(|slice| contained(slice, model));
    let distinct_keys = distinct_keys(model);
    quote! {
        #(#contained)*
        #distinct_keys
    }
}

/// `<Auth as SessionData>`
pub(super) fn schema(Slice { ty, .. }: &Slice, model: &Model) -> TokenStream {
    let krate = super::krate_at(ty.span(), model);
    quote_spanned!(ty.span()=> <#ty as #krate::SessionData>)
}

fn contained(Slice { ty, .. }: &Slice, model: &Model) -> TokenStream {
    let Model { name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let krate = super::krate_at(ty.span(), model);
    let contains = quote_spanned!(ty.span()=> #krate::Contains<#ty>);
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #contains for #name #ty_generics #where_clause {}
    }
}

/// The keys of another struct are not known here. The compiler knows them, where every parameter has a type.
fn distinct_keys(model: &Model) -> Option<TokenStream> {
    let Model { name, generics, .. } = model;
    let first = model.slices().next()?;
    let krate = super::krate_at(first.span(), model);
    let allowed_lints = super::allowed_lints();
    // Beside other mistakes it might report one of them again.
    let is_checked = generics.params.is_empty() && !model.incomplete;
    is_checked.then(|| {
        quote_spanned! {first.span()=>
            #allowed_lints
            const _: () = #krate::__private::assert_distinct_keys(&<#name as #krate::SessionData>::KEYS);
        }
    })
}
