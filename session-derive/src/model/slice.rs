//! One slice: a schema inside this one.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::{Attribute, Ident, Path, Type, Visibility};

use super::member::Declared;
use super::types::option_of;
use crate::attr::FieldAttrs;
use crate::errors::Errors;

pub(crate) struct Slice {
    pub(crate) name: Ident,
    pub(crate) vis: Visibility,
    /// The type that is the slice's schema.
    pub(crate) ty: Type,
    pub(crate) docs: Vec<Attribute>,
    pub(crate) deprecated: Option<Attribute>,
}

impl Slice {
    pub(super) fn of(declared: Declared, attrs: &FieldAttrs, errors: &mut Errors) -> Self {
        for name in attrs.names.iter().filter(|name| !name.is_ident("flatten")) {
            refuse(name, errors);
        }
        let Declared { name, vis, ty, docs, deprecated } = declared;
        let ty = always_there(&name, ty, errors);
        Self { name, vis, ty, docs, deprecated }
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }
}

/// A slice has no key and no value of its own that an attribute could be about.
fn refuse(name: &Path, errors: &mut Errors) {
    let attribute = name.to_token_stream();
    let message = match name.is_ident("rename") || name.is_ident("alias") {
        true => format!("a slice keeps its own keys: say `{attribute}` on the slice's own fields"),
        false => format!("`{attribute}` can't be given for a whole slice: say it on the slice's own fields"),
    };
    errors.at(name, message);
}

/// The type of the slice. Inside an `Option` it keeps its accessor beside the error.
fn always_there(name: &Ident, ty: Type, errors: &mut Errors) -> Type {
    let Some(inner) = option_of(&ty) else { return ty };
    let written = inner.to_token_stream().to_string().replace(' ', "");
    errors.at(ty, format!("a slice is always there: write `{name}: {written}`"));
    inner
}
