//! `impl SessionData for Shop { … }`

use proc_macro2::TokenStream;
use quote::quote;

use crate::model::{Field, Kind, Model};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, name, generics, accessors, fields, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let constants = fields.iter().map(|field| &field.constant);
    let from_snapshot = from_snapshot(model);
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #krate::SessionData for #name #ty_generics #where_clause {
            type Accessors = #accessors #ty_generics;

            const FIELDS: &'static [#krate::__private::FieldSpec] = &[#(Self::#constants.spec()),*];

            fn accessors(session: #krate::__private::Handle<Self>) -> Self::Accessors {
                #accessors { session }
            }

            fn handle(accessors: &Self::Accessors) -> &#krate::__private::Handle<Self> {
                &accessors.session
            }

            fn from_snapshot(snapshot: &#krate::__private::Snapshot) -> #krate::Result<Self> {
                #from_snapshot
            }
        }
    }
}

fn from_snapshot(model: &Model) -> TokenStream {
    let Model { krate, fields, .. } = model;
    if model.incomplete {
        // There are compile errors already; this only keeps the rest of the code whole.
        return quote!(#krate::__private::core::unreachable!());
    }
    let names: Vec<_> = fields.iter().map(|field| &field.name).collect();
    let values = fields.iter().map(value);
    quote! {
        let data = Self { #(#names: #values),* };
        // Every field counts as read: a schema's fields often are not, elsewhere.
        let _ = (#(&data.#names,)*);
        #krate::__private::core::result::Result::Ok(data)
    }
}

fn value(field: &Field) -> TokenStream {
    let Field { constant, .. } = field;
    match field.kind {
        Kind::Optional(_) => quote!(snapshot.get(&Self::#constant)?),
        Kind::Defaulted(_) => {
            let when_absent = field.when_absent();
            quote!(snapshot.value(&Self::#constant, Self::#when_absent)?)
        }
    }
}
