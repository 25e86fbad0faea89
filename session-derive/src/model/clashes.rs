//! Fields that want the same key or the same accessor.

use std::collections::HashMap;

use syn::ext::IdentExt as _;
use syn::{Ident, LitStr};

use super::{Field, Kind};
use crate::errors::Errors;

pub(super) fn refuse(fields: &mut Vec<Field>, errors: &mut Errors) {
    refuse_keys(fields, errors);
    refuse_names(fields, errors);
}

/// Each key that is another's too is one error, where it is written. The fields keep their accessors.
fn refuse_keys(fields: &[Field], errors: &mut Errors) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    // Names first: of a name and a `rename` or an `alias`, the attribute is the mistake.
    let by_name = fields.iter().filter(|field| !field.renamed).map(|field| (&field.key, field));
    let by_rename = fields.iter().filter(|field| field.renamed).map(|field| (&field.key, field));
    let by_alias = fields.iter().flat_map(|field| field.aliases.iter().map(move |alias| (alias, field)));
    for (key, field) in by_name.chain(by_rename).chain(by_alias) {
        match owners.insert(key.value(), &field.name) {
            None => {}
            Some(owner) if owner == &field.name => errors.at(key, own_key_again(key)),
            Some(owner) => errors.at(key, key_of_another(key, owner)),
        }
    }
}

fn key_of_another(key: &LitStr, owner: &Ident) -> String {
    format!("the key \"{}\" is that of the field `{owner}` too: keys must differ", key.value())
}

fn own_key_again(key: &LitStr) -> String {
    format!("the field has the key \"{}\" already: remove this alias", key.value())
}

/// Leaves out each field that has a name in common with an earlier one: two items of one name can't be generated.
fn refuse_names(fields: &mut Vec<Field>, errors: &mut Errors) {
    let mut owners: HashMap<String, Ident> = HashMap::new();
    fields.retain(|field| {
        let names = generated_names(field);
        if let Some((name, owner)) = names.iter().find_map(|name| Some((name, owners.get(name)?))) {
            let message = format!("`{name}` is generated for the field `{owner}` too: rename one of the fields");
            errors.at(&field.name, message);
            return false;
        }
        owners.extend(names.into_iter().map(|name| (name, field.name.clone())));
        true
    });
}

/// The methods and the constants.
fn generated_names(field: &Field) -> Vec<String> {
    let verbs = ["set", "update", "take", "remove", "has"].map(|verb| field.accessor(verb));
    let own = [field.name.unraw(), field.constant.clone()];
    let when_absent = matches!(field.kind, Kind::Defaulted(_)).then(|| field.when_absent());
    verbs.iter().chain(&own).chain(&when_absent).map(Ident::to_string).collect()
}
