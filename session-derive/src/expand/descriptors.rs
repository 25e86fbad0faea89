//! `impl Shop { pub const CART: Field<Shop, Vec<LineItem>> = …; }`

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use crate::model::{Codec, Field, Kind, Model, OnMismatch};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { name, generics, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let descriptors: TokenStream = model.fields().map(|field| descriptor(field, model)).collect();
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #name #ty_generics #where_clause {
            #descriptors
        }
    }
}

fn descriptor(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { vis, constant, deprecated, .. } = field;
    let value = field.value();
    let doc = format!(" The field `{}`, for the generic calls of a session.", field.name.unraw());
    let kind = if field.index { quote!(IndexField) } else { quote!(Field) };
    let checked = checked(field, model);
    let migrated = (!field.migrations.is_empty()).then(|| {
        let place = super::place(field);
        quote!(.migrated::<#place>())
    });
    let indexed = field.index.then(|| quote!(.indexed()));
    quote_spanned! {field.span()=>
        #[doc = #doc]
        #deprecated
        #vis const #constant: #krate::#kind<Self, #value> = #checked #migrated #indexed;
    }
}

/// The bounds on the field's type are checked here and nowhere else, with the span of the type. In a default, `Self` is the
/// user's struct.
fn checked(field: &Field, model: &Model) -> TokenStream {
    let krate = &model.krate;
    let value = field.value();
    let spec = spec(field, model);
    match &field.kind {
        Kind::Optional(_) => {
            let optional = quote_spanned!(value.span()=> #krate::__private::optional_field::<Self, #value>);
            quote!(#optional(#spec))
        }
        Kind::Defaulted(None) => {
            let defaulted = quote_spanned!(value.span()=> #krate::__private::field::<Self, #value>);
            quote!(#defaulted(#spec))
        }
        Kind::Defaulted(Some(default)) => {
            let defaulted = quote_spanned!(value.span()=> #krate::__private::field_or::<Self, #value>);
            let default = quote_spanned!(default.span()=> || #default);
            quote!(#defaulted(#spec, #default))
        }
    }
}

fn spec(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { key, aliases, lazy, rotate, codec, version, on_mismatch, .. } = field;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let ttl = field.ttl.map(|ttl| {
        let seconds = ttl.as_secs();
        quote!(.ttl(<#krate::__private::Duration>::from_secs(#seconds)))
    });
    let lazy = lazy.then(|| quote!(.lazy()));
    let rotate = rotate.then(|| quote!(.rotate()));
    let json = (*codec == Codec::Json).then(|| quote!(.json()));
    let version = (*version > 1).then(|| quote!(.version(#version)));
    let default_on_mismatch = (*on_mismatch == OnMismatch::Default).then(|| quote!(.default_on_mismatch()));
    let settings = quote!(#aliases #ttl #lazy #rotate #json #version #default_on_mismatch);
    quote!(#krate::__private::FieldSpec::new(#key) #settings)
}
