//! The types that a field had, and how values of them become what it is now.

use quote::ToTokens as _;
use syn::{Expr, ReturnType, Type};

use super::member::BORROWED;
use super::types::Borrow;
use crate::attr::Arm;
use crate::errors::Errors;

pub(crate) struct Migration {
    pub(crate) old: Type,
    pub(crate) upgrade: Expr,
    /// Which version of the field had the type, where that is said.
    pub(crate) version: Option<u32>,
    /// The type has no other upgrade: it is not the field's own, nor that of an earlier migration.
    pub(crate) is_first_of_type: bool,
}

impl Migration {
    /// Whether the function gives the field's type for certain. What a closure gives is often known only from what is wanted.
    pub(crate) fn gives_value(&self) -> bool {
        is_untyped_closure(&self.upgrade)
    }
}

fn is_untyped_closure(function: &Expr) -> bool {
    match function {
        Expr::Closure(closure) => matches!(closure.output, ReturnType::Default),
        Expr::Group(group) => is_untyped_closure(&group.expr),
        Expr::Paren(paren) => is_untyped_closure(&paren.expr),
        _ => false,
    }
}

/// The migrations of a field with values of this type.
///
/// There are all of them or none: without one, those whose functions give its type would be errors too.
pub(super) fn all(arms: Vec<Option<Arm>>, value: &Type, present: u32, errors: &mut Errors) -> Vec<Migration> {
    if arms.is_empty() {
        return Vec::new();
    }
    refuse_unused(&arms, value, present, errors);
    let arms: Option<Vec<Arm>> =
        arms.into_iter().map(|arm| arm.filter(|arm| !refuse_any_borrow(&arm.old, errors))).collect();
    let mut known = vec![value.to_token_stream().to_string()];
    arms.into_iter().flatten().map(|arm| migration(arm, &mut known)).collect()
}

/// Refuses what no stored value could reach.
fn refuse_unused(arms: &[Option<Arm>], value: &Type, present: u32, errors: &mut Errors) {
    let mut taken = vec![(value.to_token_stream().to_string(), Some(present))];
    for Arm { old, version, .. } in arms.iter().flatten() {
        let written = old.to_token_stream().to_string();
        let own = present == 1 && written == taken[0].0;
        if version.is_some_and(|version| version > present) {
            errors.at(old, format!("no value has a version above the field's own, which is {present}"));
        } else if own || taken.contains(&(written.clone(), *version)) || taken.contains(&(written.clone(), None)) {
            errors.at(
                old,
                "values of this type are read already, by the field itself or an earlier `migrate`: say which \
                            `version` each is for, and raise the field's `version`",
            );
        }
        taken.push((written, *version));
    }
}

fn migration(Arm { old, upgrade, version }: Arm, known: &mut Vec<String>) -> Migration {
    let written = old.to_token_stream().to_string();
    let is_first_of_type = !known.contains(&written);
    known.push(written);
    Migration { old, upgrade, version, is_first_of_type }
}

/// Whether the type borrows. Unlike in a struct, the compiler does not ask for a lifetime that is missing.
fn refuse_any_borrow(old: &Type, errors: &mut Errors) -> bool {
    if Borrow::of(old) == Borrow::Nothing {
        return false;
    }
    errors.at(old, BORROWED);
    true
}
