//! `Self` in the types of fields, and in bounds.

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::DeriveInput;
use syn::parse::Parse;

use super::types;
use crate::spans::moved_to;

/// The type of the struct: `Shop<T>`. It takes the place of `Self` in what is written again in `impl`s of other types, where `Self`
/// is another one.
pub(super) struct OwnType(TokenStream);

impl OwnType {
    pub(super) fn of(input: &DeriveInput) -> Self {
        let (name, (_, arguments, _)) = (&input.ident, input.generics.split_for_impl());
        Self(quote!(#name #arguments))
    }

    /// The same code without `Self`.
    pub(super) fn named_in<T: Parse + ToTokens>(&self, code: T) -> T {
        match types::mentions(&code, &[&Ident::new("Self", Span::call_site())]) {
            true => syn::parse2(self.in_place_of_self(code.to_token_stream())).unwrap_or(code),
            false => code,
        }
    }

    fn in_place_of_self(&self, code: TokenStream) -> TokenStream {
        let mut named = TokenStream::new();
        let code: Vec<TokenTree> = code.into_iter().collect();
        for (place, token) in code.iter().enumerate() {
            match token {
                TokenTree::Group(group) => named.append(self.in_group(group)),
                TokenTree::Ident(word) if word == "Self" => named.extend(self.at(word.span(), &code[place + 1..])),
                other => named.append(other.clone()),
            }
        }
        named
    }

    fn in_group(&self, group: &Group) -> Group {
        let mut named = Group::new(group.delimiter(), self.in_place_of_self(group.stream()));
        named.set_span(group.span());
        named
    }

    /// The type where a `Self` was, before these tokens.
    fn at(&self, place: Span, after: &[TokenTree]) -> TokenStream {
        let own_type = moved_to(place, &self.0);
        match after {
            // `Shop<T>::X` is no path. In `Self: ::path` they are two.
            [TokenTree::Punct(a), TokenTree::Punct(b), ..]
                if (a.as_char(), a.spacing(), b.as_char()) == (':', Spacing::Joint, ':') =>
            {
                moved_to(place, quote!(<#own_type>))
            }
            _ => own_type,
        }
    }
}
