//! Where the compiler reports what is wrong with generated code.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The same tokens, all at this place.
pub(crate) fn moved_to(span: Span, tokens: impl ToTokens) -> TokenStream {
    let moved = |mut token: TokenTree| {
        token.set_span(span.resolved_at(token.span()));
        token
    };
    tokens.into_token_stream().into_iter().map(moved).collect()
}
