//! What can be told of a type from how it is written.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{GenericArgument, Ident, PathArguments, Type};

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

/// Whether one of these parameters is in the type.
pub(super) fn mentions(ty: &Type, parameters: &[&Ident]) -> bool {
    tokens_mention(ty.to_token_stream(), parameters)
}

fn tokens_mention(tokens: TokenStream, parameters: &[&Ident]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => tokens_mention(group.stream(), parameters),
        TokenTree::Ident(word) => parameters.contains(&&word),
        _ => false,
    })
}

/// What a type borrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Borrow {
    Nothing,
    /// A reference to something that lives for ever: `&'static str`.
    Static,
    /// A lifetime that is missing, or a parameter of the struct.
    Lifetime,
}

impl Borrow {
    /// The shortest borrow in a type.
    pub(super) fn of(ty: &Type) -> Self {
        Self::of_tokens(ty.to_token_stream())
    }

    fn of_tokens(tokens: TokenStream) -> Self {
        let mut tokens = tokens.into_iter().peekable();
        let mut found = Self::Nothing;
        while let Some(token) = tokens.next() {
            found = found.max(match token {
                TokenTree::Group(group) => Self::of_tokens(group.stream()),
                TokenTree::Punct(punct) if punct.as_char() == '&' => match tokens.peek() {
                    Some(TokenTree::Punct(next)) if next.as_char() == '\'' => Self::Static,
                    _ => Self::Lifetime,
                },
                TokenTree::Punct(punct) if punct.as_char() == '\'' => match tokens.peek() {
                    Some(TokenTree::Ident(name)) if name == "static" => Self::Nothing,
                    _ => Self::Lifetime,
                },
                _ => Self::Nothing,
            });
        }
        found
    }
}
