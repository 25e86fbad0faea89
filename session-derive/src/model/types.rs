//! What can be told of a type from how it is written.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{GenericArgument, PathArguments, Type};

/// `T` where `Option<T>` is written.
pub(super) fn option_of(ty: &Type) -> Option<Type> {
    let path = match ty {
        Type::Path(path) => path,
        // A type that a `macro_rules!` macro passed on.
        Type::Group(group) => return option_of(&group.elem),
        _ => return None,
    };
    let last = path.path.segments.last().filter(|_| path.qself.is_none())?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a reference or a lifetime other than `'static` is in it: an error of its own, in the struct.
pub(super) fn borrows(ty: &Type) -> bool {
    has_borrow(ty.to_token_stream())
}

fn has_borrow(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek();
        let found = match token {
            TokenTree::Group(group) => has_borrow(group.stream()),
            TokenTree::Punct(punct) if punct.as_char() == '&' => !is_punct(next, '\''),
            TokenTree::Punct(punct) if punct.as_char() == '\'' => !is_word(next, "static"),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

fn is_punct(token: Option<&TokenTree>, wanted: char) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

fn is_word(token: Option<&TokenTree>, wanted: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(word)) if word == wanted)
}
