//! Fields that want the same key or the same accessor, or are the same slice.

use std::collections::{HashMap, HashSet};

use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{Ident, LitStr};

use super::{Field, Member, Slice};
use crate::errors::Errors;

pub(super) fn refuse(members: &mut Vec<Member>, errors: &mut Errors) {
    leave_out_second_fields(members);
    refuse_keys(&members.iter().filter_map(Member::field).collect::<Vec<_>>(), errors);
    refuse_slices(members, errors);
    refuse_names(members, errors);
}

/// Leaves out each field that has the name of an earlier one: the compiler says so itself.
fn leave_out_second_fields(members: &mut Vec<Member>) {
    let mut names = HashSet::new();
    members.retain(|member| names.insert(member.name().unraw()));
}

/// Each key that is another's too is one error, where it is written. The fields keep their accessors.
///
/// Those of slices are known to the compiler only, which compares them.
fn refuse_keys(fields: &[&Field], errors: &mut Errors) {
    let mut owners: HashMap<String, &Ident> = HashMap::new();
    // Names first: of a name and a `rename` or an `alias`, the attribute is the mistake.
    let by_name = fields.iter().filter(|field| !field.renamed).map(|field| (&field.key, *field));
    let by_rename = fields.iter().filter(|field| field.renamed).map(|field| (&field.key, *field));
    let by_alias = fields.iter().flat_map(|field| field.aliases.iter().map(move |alias| (alias, *field)));
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

/// Leaves out each slice that is here already: all its keys would be the same.
fn refuse_slices(members: &mut Vec<Member>, errors: &mut Errors) {
    let mut owners: HashMap<String, Ident> = HashMap::new();
    members.retain(|member| {
        let Some(Slice { name, ty, .. }) = member.slice() else { return true };
        let owner = owners.insert(ty.to_token_stream().to_string(), name.clone());
        if let Some(owner) = &owner {
            errors.at(ty, format!("the field `{owner}` is this slice already: a session has each slice once"));
        }
        owner.is_none()
    });
}

/// Leaves out each field that has a name in common with an earlier one: two items of one name can't be generated.
fn refuse_names(members: &mut Vec<Member>, errors: &mut Errors) {
    let mut owners: HashMap<String, Ident> = HashMap::new();
    members.retain(|member| {
        let names = generated_names(member);
        if let Some((name, owner)) = names.iter().find_map(|name| Some((name, owners.get(name)?))) {
            let message = format!("`{name}` is generated for the field `{owner}` too: rename one of the fields");
            errors.at(member.name(), message);
            return false;
        }
        owners.extend(names.into_iter().map(|name| (name, member.name().clone())));
        true
    });
}

/// The methods and the constants.
fn generated_names(member: &Member) -> Vec<String> {
    match member {
        Member::Field(field) => names_of_field(field),
        Member::Slice(slice) => vec![slice.name.unraw().to_string()],
    }
}

fn names_of_field(field: &Field) -> Vec<String> {
    let verbs = ["set", "update", "take", "remove", "has"].map(|verb| field.accessor_name(verb));
    let own = [field.name.unraw().to_string(), field.constant.to_string()];
    verbs.into_iter().chain(own).collect()
}
