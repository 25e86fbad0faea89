//! Fields that want the same key or the same accessor.

use std::collections::HashMap;

use syn::ext::IdentExt as _;
use syn::{Ident, LitStr};

use super::Field;
use crate::errors::Errors;

pub(super) fn refuse(fields: &mut Vec<Field>, errors: &mut Errors) {
    refuse_keys(fields, errors);
    refuse_names(fields, errors);
}

/// Each key that was taken before is one error, where it is written. The fields keep their accessors.
fn refuse_keys(fields: &[Field], errors: &mut Errors) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    for field in fields {
        for key in std::iter::once(&field.key).chain(&field.aliases) {
            match owners.insert(key.value(), &field.name) {
                None => {}
                Some(owner) if owner == &field.name => errors.at(key, own_key_again(key)),
                Some(owner) => {
                    let key_text = key.value();
                    errors.at(
                        key,
                        format!("the key \"{key_text}\" is that of the field `{owner}` too: keys must differ"),
                    );
                }
            }
        }
    }
}

fn own_key_again(key: &LitStr) -> String {
    format!("the field has the key \"{}\" already: remove this alias", key.value())
}

/// Leaves out each field that has a name in common with an earlier one: two methods of one name can't be generated.
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

/// Methods and constants: as one list, because no constant has the name of a method that is not a mistake too.
fn generated_names(field: &Field) -> Vec<String> {
    let verbs = ["set", "update", "take", "remove", "has"].map(|verb| field.accessor(verb));
    let own = [field.name.unraw(), field.constant.clone(), field.when_absent()];
    own.iter().chain(&verbs).map(Ident::to_string).collect()
}
