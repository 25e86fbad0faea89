//! `impl Shop { pub const CART: Field<Shop, Vec<LineItem>> = …; }`, and what the fields are where they are absent.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::model::{Codec, Field, Kind, Model, OnMismatch};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let descriptors = model.fields().map(|field| descriptor(field, model));
    let defaults = model.fields().filter_map(|field| default(field, model));
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #name #ty_generics #where_clause {
            #(#descriptors)*
            #(#defaults)*
        }
    }
}

fn descriptor(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { vis, constant, deprecated, .. } = field;
    let value = field.value();
    let doc = format!(" The field `{}`, for the generic calls of a session.", field.name.unraw());
    let spec = spec(field, model);
    let place = super::place(field);
    let kind = if field.index { quote!(IndexField) } else { quote!(Field) };
    // The bound on the value is checked here and nowhere else, with the span of its type.
    let checked = match (field.index, field.migrations.is_empty()) {
        (false, true) => quote_spanned!(value.span()=> #krate::__private::field::<Self, #value>),
        (false, false) => quote_spanned!(value.span()=> #krate::__private::migrated_field::<Self, #value, #place>),
        (true, true) => quote_spanned!(value.span()=> #krate::__private::index_field::<Self, #value>),
        (true, false) => {
            quote_spanned!(value.span()=> #krate::__private::migrated_index_field::<Self, #value, #place>)
        }
    };
    quote_spanned! {field.span()=>
        #[doc = #doc]
        #deprecated
        #vis const #constant: #krate::#kind<Self, #value> = #checked(#spec);
    }
}

/// What an absent field is: the one place where a field's type must have a default. Here, so that in the expression `Self` is
/// the user's struct.
fn default(field: &Field, model: &Model) -> Option<TokenStream> {
    let Kind::Defaulted(default) = &field.kind else { return None };
    let Model { krate, .. } = model;
    let Field { ty, .. } = field;
    let when_absent = field.when_absent();
    let function = match default {
        Some(expr) => quote_spanned!(expr.span()=> || #expr),
        None => quote_spanned!(ty.span()=> #krate::__private::default_value::<#ty>),
    };
    Some(quote_spanned! {field.span()=>
        const #when_absent: fn() -> #ty = #function;
    })
}

fn spec(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { key, aliases, lazy, rotate, codec, version, on_mismatch, .. } = field;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let ttl = field.ttl.map(|ttl| {
        let seconds = ttl.as_secs();
        quote!(.ttl(#krate::__private::core::time::Duration::from_secs(#seconds)))
    });
    let lazy = lazy.then(|| quote!(.lazy()));
    let rotate = rotate.then(|| quote!(.rotate()));
    let json = (*codec == Codec::Json).then(|| quote!(.json()));
    let version = (*version > 1).then(|| quote!(.version(#version)));
    let default_on_mismatch = (*on_mismatch == OnMismatch::Default).then(|| quote!(.default_on_mismatch()));
    let settings = quote!(#aliases #ttl #lazy #rotate #json #version #default_on_mismatch);
    quote!(#krate::__private::FieldSpec::new(#key) #settings)
}
