//! `pub struct ShopAccessors { … }` and `impl ShopAccessors { pub async fn cart(&self) … }`

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote, quote_spanned};
use syn::Ident;
use syn::ext::IdentExt as _;
use syn::spanned::Spanned as _;

use super::{Repeated, docs};
use crate::model::{Field, Kind, Member, Model, Slice};

pub(super) fn expand(model: &Model) -> TokenStream {
    let Model { krate, vis, name, generics, accessors, .. } = model;
    let (impl_generics, ty_generics, where_clause) = generics.split_for_impl();
    let allowed_lints = super::allowed_lints();
    let doc = format!(" The typed accessors of [`{name}`]'s fields; `Session<{name}>` derefs to this.");
    let private = Repeated::new(quote!(#krate::__private));
    // What a closure returns.
    let result = super::free_name(model, "R");
    let methods: TokenStream = model
        .members
        .iter()
        .map(|member| match member {
            Member::Field(field) => methods(field, &private, &result, model),
            Member::Slice(slice) => session_of(slice, model),
        })
        .collect();
    quote! {
        #[doc = #doc]
        #allowed_lints
        #vis struct #accessors #generics #where_clause {
            session: #private::Handle<#name #ty_generics>,
        }

        #[automatically_derived]
        impl #impl_generics #private::Clone for #accessors #ty_generics #where_clause {
            fn clone(&self) -> Self {
                Self { session: <_ as #private::Clone>::clone(&self.session) }
            }
        }

        #[automatically_derived]
        impl #impl_generics #private::Debug for #accessors #ty_generics #where_clause {
            fn fmt(&self, f: &mut #private::Formatter<'_>) -> #private::FmtResult {
                <_ as #private::Debug>::fmt(&self.session, f)
            }
        }

        #[automatically_derived]
        #allowed_lints
        impl #impl_generics #accessors #ty_generics #where_clause {
            #methods
        }
    }
}

/// The methods are called on a reference: on the handle itself, one that takes it by value would come first, which a trait of the
/// user's may have.
fn methods(field: &Field, private: &Repeated, result: &Ident, model: &Model) -> TokenStream {
    let krate = &model.krate;
    let data = &model.name;
    let (_, ty_generics, _) = model.generics.split_for_impl();
    let turbofish = ty_generics.as_turbofish();
    let Field { name, vis, ty, docs, deprecated, .. } = field;
    let value = field.value();
    let [set, update, take, remove, has] = ["set", "update", "take", "remove", "has"].map(|verb| field.accessor(verb));
    let descriptor = Repeated::new(super::descriptor(&quote!(#data #turbofish), field));
    let [get_call, update_call] = match field.kind {
        Kind::Optional(_) => ["get", "update"],
        Kind::Defaulted(_) => ["value", "update_value"],
    }
    .map(|call| Ident::new(call, field.span()));
    let [get_doc, set_doc, update_doc, take_doc, remove_doc, has_doc] = docs::lines(field);
    let whole_doc = docs::below(docs);
    // What is the same for all of the others.
    let attributes = {
        let first_paragraph = docs::below(&docs::first_paragraph(docs));
        Repeated::new(quote_spanned!(field.span()=> #first_paragraph #deprecated #[inline]))
    };
    quote_spanned! {field.span()=>
        #[doc = #get_doc]
        #whole_doc
        #deprecated
        #[inline]
        #vis fn #name(&self) -> #krate::Call<'_, #ty> {
            (&self.session).#get_call(#descriptor)
        }

        #[doc = #set_doc]
        #attributes
        #vis fn #set(&self, value: #value) -> #krate::Set {
            (&self.session).set(#descriptor, value)
        }

        #[doc = #update_doc]
        #attributes
        #vis fn #update<'s, #result: #private::Send + 's>(
            &'s self,
            change: impl #private::FnMut(&mut #ty) -> #result + #private::Send + 's,
        ) -> #krate::Call<'s, #result> {
            (&self.session).#update_call(#descriptor, change)
        }

        #[doc = #take_doc]
        #attributes
        #vis fn #take(&self) -> #krate::Call<'_, #private::Option<#value>> {
            (&self.session).take(#descriptor)
        }

        #[doc = #remove_doc]
        #attributes
        #vis fn #remove(&self) -> #krate::Call<'_, ()> {
            (&self.session).remove(#descriptor)
        }

        #[doc = #has_doc]
        #attributes
        #vis fn #has(&self) -> #krate::Call<'_, bool> {
            (&self.session).has(#descriptor)
        }
    }
}

/// `pub fn auth(&self) -> Session<Auth>`
fn session_of(slice: &Slice, model: &Model) -> TokenStream {
    let Slice { name, vis, ty, docs, deprecated } = slice;
    let doc = format!(
        " This session as its slice `{}` knows it: a `Session` with the accessors of the slice's own fields.",
        name.unraw()
    );
    let docs = docs::below(docs);
    // A type that is no schema is one error, on the type: all that needs one goes by the same path.
    let span = ty.to_token_stream().into_iter().last().map_or_else(|| ty.span(), |token| token.span());
    let schema = super::slices::schema(slice, model);
    let (session, slice_of) = (quote_spanned!(span=> #schema::Session), quote_spanned!(span=> #schema::slice_of));
    quote_spanned! {span=>
        #[doc = #doc]
        #docs
        #deprecated
        #vis fn #name(&self) -> #session {
            #slice_of(&self.session)
        }
    }
}
