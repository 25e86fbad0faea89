//! Under which keys a schema's fields are stored.

use std::borrow::Cow;

use crate::record::{self, Select};
use crate::schema::FieldSpec;

/// All keys of a schema's fields, aliases included, sorted: what the first load of a session asks for. What is known of the
/// fields is kept in this order, so that a load's answer can be kept as it came.
#[derive(Debug)]
pub(crate) struct Layout(Vec<Select>);

impl Layout {
    pub(crate) fn of(fields: &[FieldSpec]) -> Self {
        let mut keys: Vec<_> = fields.iter().flat_map(|spec| selected(spec, !spec.lazy)).collect();
        keys.sort_unstable_by_key(|select| select.key);
        Self(keys)
    }

    pub(crate) fn position(&self, key: &str) -> Option<usize> {
        record::position(&self.0, key, |select| select.key).ok()
    }

    /// All fields, with the values of those that are not lazy and those that are wanted.
    pub(crate) fn first_selection(&self, wanted: &[FieldSpec]) -> Cow<'_, [Select]> {
        let mut select = Cow::Borrowed(&*self.0);
        for key in wanted.iter().filter(|spec| spec.lazy).flat_map(FieldSpec::keys) {
            if let Some(at) = self.position(key) {
                select.to_mut()[at].value = true;
            }
        }
        select
    }
}

/// The field, under all of its keys.
pub(super) fn selected(spec: &FieldSpec, value: bool) -> impl Iterator<Item = Select> + use<> {
    spec.keys().map(move |key| Select { key, value })
}
