//! The struct as the generated code needs it: checked, with every name and key in its final form.

use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::{Data, DeriveInput, Fields, Generics, Ident, Path, Type, Visibility, parse_quote};

use crate::attr::StructAttrs;
use crate::errors::Errors;

mod clashes;
mod field;
mod generics;
mod member;
mod migration;
mod own_type;
mod slice;
mod types;

pub(crate) use crate::attr::{Codec, OnMismatch};
pub(crate) use field::{Field, Kind};
pub(crate) use member::Member;
pub(crate) use migration::Migration;
pub(crate) use slice::Slice;

use member::Owner;
use own_type::OwnType;

pub(crate) struct Model {
    /// The path of the runtime crate.
    pub(crate) krate: Path,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) accessors: Ident,
    /// The struct's fields, in order.
    pub(crate) members: Vec<Member>,
    /// There are mistakes, for which some fields may be left out or changed: the struct can't be built from what is here.
    pub(crate) incomplete: bool,
}

impl Model {
    /// The model, without what can't be part of it: the code that uses the rest has no errors of its own. `None` where nothing can
    /// be generated.
    pub(crate) fn of(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let attrs = StructAttrs::read(&input.attrs, errors);
        let krate = attrs.krate.map_or_else(|| parse_quote!(::session_runtime), |krate| krate.value);
        generics::refuse_lifetimes(&input.generics, errors);
        let written = named_fields(input, errors);
        let owner = Owner {
            vis: &input.vis,
            own_type: OwnType::of(input),
            prefix: attrs.prefix.map(|prefix| format!("{}.", prefix.value.value())).unwrap_or_default(),
        };
        let numbered = written.iter().flatten().enumerate();
        let read = numbered.filter_map(|(place, field)| Member::of(field, place, &owner, errors));
        // The compiler refuses a struct inside itself; the code for it would be a second error.
        let mut members: Vec<Member> = read
            .filter(|member| member.slice().is_none_or(|slice| !types::is_named(&slice.ty, &input.ident)))
            .collect();
        clashes::refuse(&mut members, errors);
        let has_size = !refuse_unsized(written.iter().flatten().last(), errors);
        has_size.then(|| Self {
            generics: generics::bounded(&generics::named(&input.generics, &owner.own_type), &members, &krate),
            krate,
            vis: input.vis.clone(),
            name: input.ident.clone(),
            accessors: format_ident!("{}Accessors", input.ident.unraw(), span = input.ident.span()),
            incomplete: errors.count() > 0 || written.is_none_or(|written| members.len() < written.len()),
            members,
        })
    }

    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.members.iter().filter_map(Member::field)
    }

    /// Whether the struct, its parameters, or the types of its fields, have this name in them.
    pub(crate) fn mentions(&self, name: &Ident) -> bool {
        let is_in = |ty: &Type| types::mentions(ty, &[name]);
        let types = self.fields().map(|field| &field.ty).chain(self.slices().map(|slice| &slice.ty));
        self.name == *name || types::mentions(&self.generics, &[name]) || types.into_iter().any(is_in)
    }

    pub(crate) fn slices(&self) -> impl Iterator<Item = &Slice> {
        self.members.iter().filter_map(Member::slice)
    }
}

/// Whether the last field has no size, and so the struct has none. Of the other fields the compiler says it itself.
fn refuse_unsized(last: Option<&&syn::Field>, errors: &mut Errors) -> bool {
    let Some(field) = last.filter(|field| types::is_unsized(&field.ty)) else { return false };
    errors.at(&field.ty, "a value of a session needs a size: use an owned type such as `String` or `Vec<T>`");
    true
}

/// The fields of a struct that has names for them.
fn named_fields<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Option<Vec<&'a syn::Field>> {
    const WRITE: &str = "write a struct with a named field for each value";
    match &input.data {
        Data::Struct(data) => match &data.fields {
            Fields::Named(fields) => return Some(fields.named.iter().collect()),
            Fields::Unnamed(fields) => errors.at(fields, format!("session fields need names: {WRITE}")),
            Fields::Unit => errors.at(&input.ident, format!("a session needs fields: {WRITE}")),
        },
        Data::Enum(data) => errors.at(data.enum_token, format!("`SessionData` is for structs: {WRITE}")),
        Data::Union(data) => errors.at(data.union_token, format!("`SessionData` is for structs: {WRITE}")),
    }
    None
}
