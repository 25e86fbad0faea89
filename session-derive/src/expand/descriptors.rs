//! `impl Shop { pub const CART: Field<Shop, Vec<LineItem>> = …; }`

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::model::{Field, Model};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { name, generics, fields, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let descriptors = fields.iter().map(|field| descriptor(field, model));
    quote! {
        #[automatically_derived]
        #[allow(dead_code, deprecated, private_bounds, private_interfaces, clippy::all, clippy::pedantic)]
        impl #impl_generics #name #ty_generics #where_clause {
            #(#descriptors)*
        }
    }
}

fn descriptor(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { vis, constant, deprecated, .. } = field;
    let value = field.value();
    let doc = format!("The field `{}`, for the generic calls of a session.", field.name);
    let spec = spec(field, model);
    // The bound on the value is checked here and nowhere else, with the span of its type.
    let checked = quote_spanned! {value.span()=> #krate::__private::field::<Self, #value> };
    quote_spanned! {field.span()=>
        #[doc = #doc]
        #deprecated
        #vis const #constant: #krate::Field<Self, #value> = #checked(#spec);
    }
}

fn spec(field: &Field, model: &Model) -> TokenStream {
    let Model { krate, .. } = model;
    let Field { key, aliases, lazy, rotate, .. } = field;
    let aliases = (!aliases.is_empty()).then(|| quote!(.aliases(&[#(#aliases),*])));
    let ttl = field.ttl.map(|ttl| {
        let seconds = ttl.as_secs();
        quote!(.ttl(#krate::__private::core::time::Duration::from_secs(#seconds)))
    });
    let lazy = lazy.then(|| quote!(.lazy()));
    let rotate = rotate.then(|| quote!(.rotate()));
    quote!(#krate::__private::FieldSpec::new(#key) #aliases #ttl #lazy #rotate)
}
