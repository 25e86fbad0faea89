//! The derive macro of [`session-runtime`](https://docs.rs/session-runtime), which re-exports it: depend on that crate.
//!
//! A struct goes one way through it: `attr` reads what is written in `#[session(…)]`, `model` checks it and gives every part
//! its final form, `expand` writes the code. Only the first two can find mistakes; all of them are reported, beside the code
//! for everything that is right.

mod attr;
mod duration;
mod errors;
mod expand;
mod model;
mod names;
mod spans;

use errors::Errors;
use proc_macro2::TokenStream;

/// Makes the struct the schema of a session. See `session_runtime::SessionData`.
#[proc_macro_derive(SessionData, attributes(session))]
pub fn derive_session_data(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    derive(input.into()).into()
}

fn derive(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let model = errors.take(syn::parse2(input)).and_then(|input| model::Model::of(&input, &mut errors));
    let mut tokens = model.as_ref().map(expand::expand).unwrap_or_default();
    tokens.extend(errors.into_compile_errors());
    tokens
}

#[cfg(test)]
mod tests;
