//! The struct as the generated code needs it: checked, with every name and key in its final form.

use std::collections::HashMap;
use std::time::Duration;

use proc_macro2::Span;
use quote::format_ident;
use syn::ext::IdentExt as _;
use syn::{
    Attribute, Data, DeriveInput, Expr, Fields, GenericArgument, Generics, Ident, Path, PathArguments, Type, Visibility,
};

use crate::attr::{FieldAttrs, StructAttrs};
use crate::errors::Errors;
use crate::names::RESERVED;

pub(crate) struct Model {
    /// The path of the runtime crate.
    pub(crate) krate: Path,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) accessors: Ident,
    pub(crate) fields: Vec<Field>,
    /// Fields that were left out for their mistakes: the struct can't be built from the others.
    pub(crate) incomplete: bool,
}

pub(crate) struct Field {
    pub(crate) name: Ident,
    /// The field's visibility, or the struct's where none is written.
    pub(crate) vis: Visibility,
    pub(crate) ty: Type,
    pub(crate) kind: Kind,
    /// The name of the descriptor: `CART`.
    pub(crate) constant: Ident,
    pub(crate) key: String,
    pub(crate) aliases: Vec<String>,
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
}

impl Model {
    /// The model, without the fields that have mistakes; `None` when nothing can be made of the input.
    pub(crate) fn of(input: &DeriveInput, errors: &mut Errors) -> Option<Self> {
        let attrs = StructAttrs::read(&input.attrs, errors);
        let fields = named_fields(input, errors)?;
        if let Some(lifetime) = input.generics.lifetimes().next() {
            errors.at(
                lifetime,
                "session data outlives the request, so it can't borrow: use owned types such as `String`",
            );
            return None;
        }
        let prefix = attrs.prefix.map(|prefix| format!("{}.", prefix.value.value())).unwrap_or_default();
        let mut read: Vec<Field> =
            fields.iter().filter_map(|field| Field::of(field, &input.vis, &prefix, errors)).collect();
        let written = read.len();
        drop_collisions(&mut read, errors);
        Some(Self {
            krate: attrs.krate.map_or_else(|| syn::parse_quote!(::session_runtime), |krate| krate.value),
            vis: input.vis.clone(),
            name: input.ident.clone(),
            generics: input.generics.clone(),
            accessors: format_ident!("{}Accessors", input.ident.unraw(), span = input.ident.span()),
            incomplete: written < fields.len() || read.len() < written,
            fields: read,
        })
    }
}

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

impl Field {
    fn of(field: &syn::Field, struct_vis: &Visibility, prefix: &str, errors: &mut Errors) -> Option<Self> {
        let name = field.ident.clone()?;
        let attrs = FieldAttrs::read(&field.attrs, errors);
        let plain = plain_name(&name);
        if RESERVED.contains(&plain.as_str()) {
            let message = format!(
                "a session has a method `{plain}` already: rename the field, and keep its key with `#[session(rename = \"{plain}\")]`"
            );
            errors.at(&name, message);
            return None;
        }
        let kind = match (option_of(&field.ty), attrs.default) {
            (Some(inner), None) => Kind::Optional(inner),
            (Some(inner), Some(default)) => {
                let message = "an `Option` field is `None` when absent: remove `default`, or make the field's type the one inside";
                errors.at(&default.name, message);
                Kind::Optional(inner)
            }
            (None, default) => Kind::Defaulted(default.and_then(|default| default.value)),
        };
        let own_key = attrs.rename.map_or_else(|| name.unraw().to_string(), |rename| rename.value.value());
        Some(Self {
            vis: match &field.vis {
                Visibility::Inherited => struct_vis.clone(),
                written => written.clone(),
            },
            ty: field.ty.clone(),
            kind,
            constant: format_ident!("{}", plain.to_uppercase(), span = name.span()),
            key: format!("{prefix}{own_key}"),
            aliases: attrs.aliases.iter().map(syn::LitStr::value).collect(),
            ttl: attrs.ttl.map(|ttl| ttl.value),
            lazy: attrs.lazy.is_some(),
            rotate: attrs.rotate.is_some(),
            docs: field.attrs.iter().filter(|attr| attr.path().is_ident("doc")).cloned().collect(),
            deprecated: field.attrs.iter().find(|attr| attr.path().is_ident("deprecated")).cloned(),
            name,
        })
    }
}

/// The name that accessors are made of: `kind` for `r#kind`, `lead` for `_lead`.
fn plain_name(name: &Ident) -> String {
    let name = name.unraw().to_string();
    match name.trim_start_matches('_') {
        "" => name,
        plain => plain.to_owned(),
    }
}

/// `T` where `Option<T>` is written.
fn option_of(ty: &Type) -> Option<Type> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|_| path.qself.is_none())?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == "Option" => match arguments.args.first() {
            Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// Leaves out fields whose key or accessors an earlier field has, each with one error.
fn drop_collisions(fields: &mut Vec<Field>, errors: &mut Errors) {
    let mut keys: HashMap<String, Ident> = HashMap::new();
    let mut methods: HashMap<String, Ident> = HashMap::new();
    fields.retain(|field| {
        let own_keys = || std::iter::once(&field.key).chain(&field.aliases);
        let own_methods = accessor_names(field);
        if let Some((key, other)) = own_keys().find_map(|key| Some((key, keys.get(key)?))) {
            errors.at(&field.name, format!("the key \"{key}\" is that of the field `{other}` too: keys must differ"));
            return false;
        }
        if let Some((method, other)) = own_methods.iter().find_map(|method| Some((method, methods.get(method)?))) {
            let message = format!("the accessor `{method}` is that of the field `{other}` too: rename one of them");
            errors.at(&field.name, message);
            return false;
        }
        keys.extend(own_keys().map(|key| (key.clone(), field.name.clone())));
        methods.extend(own_methods.into_iter().map(|method| (method, field.name.clone())));
        true
    });
}

fn accessor_names(field: &Field) -> Vec<String> {
    let verbs = ["set", "update", "take", "remove", "has"].map(|verb| field.accessor(verb).to_string());
    let own = [field.name.unraw().to_string(), field.constant.to_string()];
    own.into_iter().chain(verbs).collect()
}
