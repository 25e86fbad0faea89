//! `impl SessionData for Shop { … }`

use proc_macro2::TokenStream;
use quote::quote;

use super::slices;
use crate::model::{Field, Kind, Member, Model};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, name, generics, accessors, members, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let parts = members.iter().map(|member| part(member, model));
    let keys = keys(model);
    let from_snapshot = from_snapshot(model);
    let whole = super::free_name(model, "Whole");
    quote! {
        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #krate::SessionData for #name #ty_generics #where_clause {
            type Accessors = #accessors #ty_generics;

            type Session = #krate::Session<Self>;

            const KEYS: #krate::__private::Keys = #keys;

            fn parts() -> &'static [#krate::__private::Part] {
                const { &[#(#parts),*] }
            }

            fn slice_of<#whole: #krate::Contains<Self>>(session: &#krate::__private::Handle<#whole>) -> Self::Session {
                session.slice()
            }

            fn accessors(session: #krate::__private::Handle<Self>) -> Self::Accessors {
                #accessors { session }
            }

            fn handle(accessors: &Self::Accessors) -> &#krate::__private::Handle<Self> {
                &accessors.session
            }

            #[inline]
            fn from_snapshot(snapshot: &mut #krate::__private::Snapshot) -> Self {
                #from_snapshot
            }
        }
    }
}

fn keys(model: &Model) -> TokenStream {
    let krate = &model.krate;
    let own = model.fields().flat_map(|field| std::iter::once(&field.key).chain(&field.aliases));
    let slices = model.slices().map(|slice| slices::schema(slice, model));
    quote!(#krate::__private::Keys { own: &[#(#own),*], slices: &[#(&#slices::KEYS),*] })
}

fn part(member: &Member, model: &Model) -> TokenStream {
    let krate = &model.krate;
    match member {
        Member::Field(field) => {
            let constant = &field.constant;
            // By reference: see the accessors.
            quote!((&Self::#constant).part())
        }
        Member::Slice(slice) => {
            let schema = slices::schema(slice, model);
            quote!(#krate::__private::Part::Slice(&#schema::SCHEMA))
        }
    }
}

fn from_snapshot(model: &Model) -> TokenStream {
    let Model { krate, members, .. } = model;
    if model.incomplete {
        // There are compile errors already; this only keeps the rest of the code whole.
        return quote!(#krate::__private::unreachable!());
    }
    let names: Vec<_> = members.iter().map(Member::name).collect();
    let values = members.iter().map(|member| value(member, model));
    quote! {
        let data = Self { #(#names: #values),* };
        // Every field counts as read: a schema's fields often are not, elsewhere.
        let _ = (#(&data.#names,)*);
        data
    }
}

fn value(member: &Member, model: &Model) -> TokenStream {
    match member {
        Member::Field(field) => value_of_field(field),
        Member::Slice(slice) => {
            let schema = slices::schema(slice, model);
            quote!(#schema::from_snapshot(snapshot))
        }
    }
}

fn value_of_field(field: &Field) -> TokenStream {
    let descriptor = super::descriptor(&quote!(Self), field);
    match field.kind {
        Kind::Optional(_) => quote!(snapshot.get(#descriptor)),
        Kind::Defaulted(_) => quote!(snapshot.value(#descriptor)),
    }
}
