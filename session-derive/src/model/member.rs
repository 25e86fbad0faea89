//! A field of the struct: a value of the session, or a slice of it.

use syn::ext::IdentExt as _;
use syn::{Attribute, Ident, Type, Visibility};

use super::own_type::OwnType;
use super::types::Borrow;
use super::{Field, Slice};
use crate::attr::FieldAttrs;
use crate::errors::Errors;
use crate::names::RESERVED;

pub(crate) enum Member {
    Field(Box<Field>),
    Slice(Box<Slice>),
}

/// What a member must know of its struct.
pub(super) struct Owner<'i> {
    pub(super) vis: &'i Visibility,
    pub(super) own_type: OwnType,
    /// What stands before the keys.
    pub(super) prefix: String,
}

/// What is written of a field beside `#[session(…)]`.
pub(super) struct Declared {
    pub(super) name: Ident,
    /// The field's visibility, or the struct's where none is written.
    pub(super) vis: Visibility,
    pub(super) ty: Type,
    pub(super) docs: Vec<Attribute>,
    pub(super) deprecated: Option<Attribute>,
}

impl Member {
    /// The member at this place; `None` where no code can be made for its type.
    pub(super) fn of(field: &syn::Field, place: usize, owner: &Owner<'_>, errors: &mut Errors) -> Option<Self> {
        let attrs = FieldAttrs::read(&field.attrs, errors);
        let declared = Declared::of(field, owner)?;
        refuse_reserved(&declared.name, attrs.is_slice, errors);
        if refuse_borrow(&declared.ty, errors) || super::types::has_no_values(&declared.ty) {
            return None;
        }
        Some(match attrs.is_slice {
            true => Self::Slice(Box::new(Slice::of(declared, &attrs, errors))),
            false => Self::Field(Box::new(Field::of(declared, place, attrs, owner, errors))),
        })
    }

    pub(crate) fn field(&self) -> Option<&Field> {
        match self {
            Self::Field(field) => Some(field),
            Self::Slice(_) => None,
        }
    }

    pub(crate) fn slice(&self) -> Option<&Slice> {
        match self {
            Self::Field(_) => None,
            Self::Slice(slice) => Some(slice),
        }
    }

    pub(crate) fn name(&self) -> &Ident {
        match self {
            Self::Field(field) => &field.name,
            Self::Slice(slice) => &slice.name,
        }
    }
}

impl Declared {
    fn of(field: &syn::Field, owner: &Owner<'_>) -> Option<Self> {
        let attributes = |wanted| field.attrs.iter().filter(move |attr| attr.path().is_ident(wanted)).cloned();
        Some(Self {
            name: field.ident.clone()?,
            vis: match &field.vis {
                Visibility::Inherited => owner.vis.clone(),
                written => written.clone(),
            },
            ty: owner.own_type.named_in(field.ty.clone()),
            docs: attributes("doc").collect(),
            deprecated: attributes("deprecated").next(),
        })
    }
}

/// The member keeps its accessors beside the error: only the one that `Session` hides can't be called.
fn refuse_reserved(name: &Ident, is_slice: bool, errors: &mut Errors) {
    let plain = name.unraw().to_string();
    if !RESERVED.contains(&plain.as_str()) {
        return;
    }
    let keep_key = match is_slice {
        true => String::new(),
        false => format!(", and keep its key with `#[session(rename = \"{plain}\")]`"),
    };
    errors.at(name, format!("a session has a method `{plain}` already: rename the field{keep_key}"));
}

pub(super) const BORROWED: &str = "a value that is read from a store can't borrow: use an owned type such as `String`";

/// Whether the type borrows.
fn refuse_borrow(ty: &Type, errors: &mut Errors) -> bool {
    match Borrow::of(ty) {
        Borrow::Nothing => return false,
        Borrow::Static => errors.at(ty, BORROWED),
        // The compiler asks for the lifetime, or the struct has it and was told already.
        Borrow::Lifetime => {}
    }
    true
}
