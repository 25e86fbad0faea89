//! One field: what its attributes and its type make of it.

use std::time::Duration;

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::{Attribute, Expr, Ident, LitStr, Type, Visibility};

use super::types::{Borrow, option_of};
use crate::attr::{FieldAttrs, Written};
use crate::errors::Errors;
use crate::names::RESERVED;

pub(crate) struct Field {
    pub(crate) name: Ident,
    /// The field's visibility, or the struct's where none is written.
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
    /// The name of the descriptor: `CART`.
    pub(crate) constant: Ident,
    /// The key with the struct's prefix, at the tokens that say it: the text of `rename`, or the field's name.
    pub(crate) key: LitStr,
    pub(crate) renamed: bool,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) ttl: Option<Duration>,
    pub(crate) lazy: bool,
    pub(crate) rotate: bool,
    pub(crate) docs: Vec<Attribute>,
    /// `#[deprecated]`, which accessors have too.
    pub(crate) deprecated: Option<Attribute>,
}

/// What an absent field is.
pub(crate) enum Kind {
    /// `None`: the field is an `Option` of this.
    Optional(Type),
    /// The value of this expression, or of `Default` where there is none.
    Defaulted(Option<Expr>),
}

impl Field {
    /// The field; `None` where no code can be made for its type.
    pub(super) fn of(field: &syn::Field, struct_vis: &Visibility, prefix: &str, errors: &mut Errors) -> Option<Self> {
        let name = field.ident.clone()?;
        let attrs = FieldAttrs::read(&field.attrs, errors);
        refuse_reserved(&name, errors);
        if refuse_borrow(&field.ty, errors) {
            return None;
        }
        let attributes = |wanted| field.attrs.iter().filter(move |attr| attr.path().is_ident(wanted)).cloned();
        Some(Self {
            vis: match &field.vis {
                Visibility::Inherited => struct_vis.clone(),
                written => written.clone(),
            },
            ty: field.ty.clone(),
            kind: kind(&field.ty, attrs.default, errors),
            constant: format_ident!("{}", plain_name(&name).to_uppercase(), span = name.span()),
            renamed: attrs.rename.is_some(),
            key: key(&name, attrs.rename, prefix),
            aliases: attrs.aliases,
            ttl: attrs.ttl.map(|ttl| ttl.value),
            lazy: attrs.lazy.is_some(),
            rotate: attrs.rotate.is_some(),
            docs: attributes("doc").collect(),
            deprecated: attributes("deprecated").next(),
            name,
        })
    }

    /// The type that is stored.
    pub(crate) fn value(&self) -> &Type {
        match &self.kind {
            Kind::Optional(inner) => inner,
            Kind::Defaulted(_) => &self.ty,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// The name of the accessor that does this: `set_cart`.
    pub(crate) fn accessor(&self, verb: &str) -> Ident {
        format_ident!("{verb}_{}", plain_name(&self.name), span = self.span())
    }

    /// The name of the constant that says what the field is where it is absent.
    pub(crate) fn when_absent(&self) -> Ident {
        format_ident!("{}_WHEN_ABSENT", self.constant, span = self.span())
    }
}

/// The field keeps its accessors beside the error: only the one that `Session` hides can't be called.
fn refuse_reserved(name: &Ident, errors: &mut Errors) {
    let plain = name.unraw().to_string();
    if RESERVED.contains(&plain.as_str()) {
        let message = format!(
            "a session has a method `{plain}` already: rename the field, \
             and keep its key with `#[session(rename = \"{plain}\")]`"
        );
        errors.at(name, message);
    }
}

fn refuse_borrow(ty: &Type, errors: &mut Errors) -> bool {
    match Borrow::of(ty) {
        Borrow::Nothing => return false,
        Borrow::Static => {
            errors.at(ty, "a value that is read from a store can't borrow: use an owned type such as `String`")
        }
        // The compiler asks for the lifetime, or the struct has it and was told already.
        Borrow::Lifetime => {}
    }
    true
}

fn kind(ty: &Type, default: Option<Written<Option<Expr>>>, errors: &mut Errors) -> Kind {
    let Some(inner) = option_of(ty) else {
        return Kind::Defaulted(default.and_then(|default| default.value));
    };
    if let Some(default) = default {
        let message =
            "an `Option` field is `None` when absent: remove `default`, or make the field's type the one inside";
        errors.at(&default.name, message);
    }
    Kind::Optional(inner)
}

fn key(name: &Ident, rename: Option<Written<LitStr>>, prefix: &str) -> LitStr {
    match rename {
        Some(Written { value, .. }) => LitStr::new(&format!("{prefix}{}", value.value()), value.span()),
        None => LitStr::new(&format!("{prefix}{}", name.unraw()), name.span()),
    }
}

/// The name that accessors are made of: `kind` for `r#kind`, `lead` for `_lead`. Without the underscore `_0` is no name.
fn plain_name(name: &Ident) -> String {
    let name = name.unraw().to_string();
    match name.trim_start_matches('_') {
        plain if Ident::parse_any.parse_str(plain).is_ok() => plain.to_owned(),
        _ => name,
    }
}
