//! Under which keys a schema's fields are stored.

use std::borrow::Cow;

use crate::record::{Select, is_same_key};
use crate::schema::FieldSpec;

/// So many are looked through sooner than searched: most keys differ in their length already.
const FEW: usize = 16;

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
        let among_few = self.0.iter().take(FEW).position(|select| is_same_key(select.key, key));
        among_few.or_else(|| self.0.binary_search_by(|select| select.key.cmp(key)).ok())
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
