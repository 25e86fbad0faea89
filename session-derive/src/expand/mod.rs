//! The code for a checked struct. Nothing here can fail.

mod accessors;
mod descriptors;
mod docs;
mod migrations;
mod schema;
mod slices;

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use crate::model::{Field, Model};
use crate::spans::moved_to;

pub(crate) fn expand(model: &Model) -> TokenStream {
    let mut code = descriptors::expand(model);
    code.extend(migrations::expand(model));
    code.extend(accessors::expand(model));
    code.extend(schema::expand(model));
    code.extend(slices::expand(model));
    code
}

/// Tokens that stand in many places. They are copied here, one by one; a `TokenStream` is joined to another by the compiler,
/// which costs it more than all the tokens.
struct Repeated(Vec<TokenTree>);

impl Repeated {
    fn new(tokens: impl ToTokens) -> Self {
        Self(tokens.into_token_stream().into_iter().collect())
    }
}

impl ToTokens for Repeated {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(self.0.iter().cloned());
    }
}

/// Lints about how code is written, or about what the user's own struct is told already.
fn allowed_lints() -> TokenStream {
    quote! {
        #[allow(dead_code, deprecated, nonstandard_style, private_bounds, private_interfaces, unreachable_pub)]
        #[allow(clippy::all, clippy::pedantic, clippy::nursery)]
    }
}

/// This name, or, where the user's types have it, the same with underscores behind it.
fn free_name(model: &Model, wanted: &str) -> Ident {
    let mut name = format_ident!("{wanted}");
    while model.mentions(&name) {
        name = format_ident!("{name}_");
    }
    name
}

/// The field's number, as the parameter of a trait or a function.
fn place(field: &Field) -> Literal {
    Literal::usize_unsuffixed(field.place)
}

/// The descriptor of a field, as an expression: `Shop::CART`. An index field's is in an `IndexField`.
fn descriptor(data: &TokenStream, field: &Field) -> TokenStream {
    let constant = &field.constant;
    match field.index {
        false => quote_spanned!(field.span()=> #data::#constant),
        true => quote_spanned!(field.span()=> *#data::#constant),
    }
}

/// The path of the runtime crate, with this span: an expression that starts with it is all at one place.
fn krate_at(span: Span, model: &Model) -> TokenStream {
    moved_to(span, &model.krate)
}
