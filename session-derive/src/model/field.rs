//! One field: what its attributes and its type make of it.

use std::time::Duration;

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::{Attribute, Expr, Ident, LitStr, Type, Visibility};

use super::member::{Declared, Owner};
use super::migration::{self, Migration};
use super::types::option_of;
use crate::attr::{Arm, Codec, FieldAttrs, OnMismatch, Written};
use crate::errors::Errors;

pub(crate) struct Field {
    pub(crate) name: Ident,
    /// The name that accessors are made of.
    plain_name: String,
    /// The field's visibility, or the struct's where none is written.
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    /// The place among the struct's fields, which tells migrations of fields with one type apart.
    pub(crate) place: usize,
    pub(crate) kind: Kind,
    /// The name of the descriptor: `CART`.
    pub(crate) constant: Ident,
    /// The key with the struct's prefix, at the tokens that say it: the text of `rename`, or the field's name.
    pub(crate) key: LitStr,
    pub(crate) renamed: bool,
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) ttl: Option<Duration>,
    pub(crate) lazy: bool,
    /// Sessions are found by its value: the descriptor is an `IndexField`.
    pub(crate) index: bool,
    pub(crate) rotate: bool,
    pub(crate) codec: Codec,
    pub(crate) version: u32,
    pub(crate) migrations: Vec<Migration>,
    pub(crate) on_mismatch: OnMismatch,
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
    pub(super) fn of(
        declared: Declared,
        place: usize,
        attrs: FieldAttrs,
        owner: &Owner<'_>,
        errors: &mut Errors,
    ) -> Self {
        let Declared { name, vis, ty, docs, deprecated } = declared;
        let kind = kind(&ty, attrs.default, errors);
        if let (Some(lazy), Some(_)) = (&attrs.lazy, &attrs.index) {
            errors
                .at(&lazy.name, "an `index` field is read whenever its sessions are listed: remove `lazy` or `index`");
        }
        let plain_name = plain_name(&name);
        let version = attrs.version.map_or(1, |version| version.value);
        let arms = attrs.migrations.into_iter().map(|arm| arm.map(|arm| named(arm, owner))).collect();
        Self {
            migrations: migration::all(arms, kind.value_in(&ty), version, errors),
            kind,
            constant: Ident::new(&plain_name.to_uppercase(), name.span()),
            plain_name,
            renamed: attrs.rename.is_some(),
            key: key(&name, attrs.rename, &owner.prefix),
            aliases: attrs.aliases,
            ttl: attrs.ttl.map(|ttl| ttl.value),
            lazy: attrs.lazy.is_some(),
            index: attrs.index.is_some(),
            rotate: attrs.rotate.is_some(),
            codec: attrs.codec.map_or(Codec::Bincode, |codec| codec.value),
            version,
            on_mismatch: attrs.on_mismatch.map_or(OnMismatch::Error, |on_mismatch| on_mismatch.value),
            name,
            vis,
            ty,
            place,
            docs,
            deprecated,
        }
    }

    /// The type that is stored.
    pub(crate) fn value(&self) -> &Type {
        self.kind.value_in(&self.ty)
    }

    pub(crate) fn span(&self) -> Span {
        self.name.span()
    }

    /// The name of the accessor that does this: `set_cart`.
    pub(crate) fn accessor(&self, verb: &str) -> Ident {
        Ident::new(&self.accessor_name(verb), self.span())
    }

    pub(super) fn accessor_name(&self, verb: &str) -> String {
        format!("{verb}_{}", self.plain_name)
    }
}

impl Kind {
    /// The type that is stored for a field of this type.
    fn value_in<'a>(&'a self, ty: &'a Type) -> &'a Type {
        match self {
            Self::Optional(inner) => inner,
            Self::Defaulted(_) => ty,
        }
    }
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

/// The arm without `Self` in its type.
fn named(arm: Arm, owner: &Owner<'_>) -> Arm {
    Arm { old: owner.own_type.named_in(arm.old), ..arm }
}

fn key(name: &Ident, rename: Option<Written<LitStr>>, prefix: &str) -> LitStr {
    match rename {
        Some(Written { value, .. }) => LitStr::new(&format!("{prefix}{}", value.value()), value.span()),
        None => LitStr::new(&format!("{prefix}{}", name.unraw()), name.span()),
    }
}

/// `kind` for `r#kind`, `lead` for `_lead`. Without the underscore `_0` is no name.
fn plain_name(name: &Ident) -> String {
    let name = name.unraw().to_string();
    match name.trim_start_matches('_') {
        plain if Ident::parse_any.parse_str(plain).is_ok() => plain.to_owned(),
        _ => name,
    }
}
