//! What can be told of a type from how it is written.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Ident, Lifetime, Path, PathArguments, Type, TypeParamBound};

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

/// Whether one of these names is in the code.
pub(super) fn mentions(code: &impl ToTokens, names: &[&Ident]) -> bool {
    tokens_mention(code.to_token_stream(), names)
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
    /// The shortest borrow in a type. What functions take and give, and expressions, borrow nothing.
    pub(super) fn of(ty: &Type) -> Self {
        match ty {
            Type::Reference(reference) => {
                let own =
                    reference.lifetime.as_ref().map_or(Self::Lifetime, |lifetime| match Self::of_lifetime(lifetime) {
                        Self::Nothing => Self::Static,
                        borrow => borrow,
                    });
                own.max(Self::of(&reference.elem))
            }
            Type::Path(path) => {
                let own = path.qself.as_ref().map_or(Self::Nothing, |qself| Self::of(&qself.ty));
                own.max(Self::of_path(&path.path))
            }
            Type::Tuple(tuple) => Self::longest(tuple.elems.iter().map(Self::of)),
            Type::Array(array) => Self::of(&array.elem),
            Type::Slice(slice) => Self::of(&slice.elem),
            Type::Group(group) => Self::of(&group.elem),
            Type::Paren(paren) => Self::of(&paren.elem),
            Type::Ptr(pointer) => Self::of(&pointer.elem),
            Type::TraitObject(object) => Self::longest(object.bounds.iter().map(|bound| match bound {
                TypeParamBound::Lifetime(lifetime) => Self::of_lifetime(lifetime),
                TypeParamBound::Trait(bound) if bound.lifetimes.is_none() => Self::of_path(&bound.path),
                _ => Self::Nothing,
            })),
            _ => Self::Nothing,
        }
    }

    fn of_path(path: &Path) -> Self {
        let arguments = path.segments.iter().filter_map(|segment| match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
            _ => None,
        });
        Self::longest(arguments.flatten().map(|argument| match argument {
            GenericArgument::Lifetime(lifetime) => Self::of_lifetime(lifetime),
            GenericArgument::Type(ty) => Self::of(ty),
            GenericArgument::AssocType(ty) => Self::of(&ty.ty),
            _ => Self::Nothing,
        }))
    }

    fn of_lifetime(lifetime: &Lifetime) -> Self {
        if lifetime.ident == "static" { Self::Nothing } else { Self::Lifetime }
    }

    fn longest(borrows: impl Iterator<Item = Self>) -> Self {
        borrows.max().unwrap_or(Self::Nothing)
    }
}

/// Whether no value has this type: the compiler says so of the struct.
pub(super) fn has_no_values(ty: &Type) -> bool {
    match ty {
        Type::ImplTrait(_) | Type::Infer(_) => true,
        Type::Group(group) => has_no_values(&group.elem),
        Type::Paren(paren) => has_no_values(&paren.elem),
        _ => is_unsized(ty) || option_of(ty).is_some_and(|inner| has_no_values(&inner)),
    }
}

/// Whether values of this type are of different sizes.
pub(super) fn is_unsized(ty: &Type) -> bool {
    match ty {
        Type::Slice(_) | Type::TraitObject(_) => true,
        Type::Path(path) => path.path.is_ident("str"),
        Type::Group(group) => is_unsized(&group.elem),
        Type::Paren(paren) => is_unsized(&paren.elem),
        _ => false,
    }
}

/// Whether this is the type of this name, with whatever arguments.
pub(super) fn is_named(ty: &Type, name: &Ident) -> bool {
    match ty {
        Type::Path(path) => {
            path.qself.is_none() && path.path.segments.len() == 1 && path.path.segments[0].ident == *name
        }
        Type::Group(group) => is_named(&group.elem, name),
        _ => false,
    }
}
