//! What the derive says about a user's struct: its fields, and the schemas that it is composed of.

use std::any::{TypeId, type_name};
use std::fmt;

mod distinct;
mod field;
mod index;
mod migrate;
pub(crate) mod snapshot;
mod value;

pub use distinct::{Keys, assert_distinct_keys};
pub(crate) use field::Encoded;
pub use field::{Field, FieldSpec, field, field_or, optional_field};
pub use index::IndexField;
pub use migrate::{Migrate, Steps, Stored, Upgrade, go_on, step};
pub use value::{HasDefault, Value};

use crate::session::{Handle, Snapshot};

/// A struct whose fields are the fields of a session. Implemented by `#[derive(SessionData)]`, never by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the schema of a session",
    label = "this must be a struct that derives `SessionData`",
    note = "add `#[derive(session_runtime::SessionData)]` to the struct"
)]
pub trait SessionData: Sized + 'static {
    /// The generated type that has the accessors; `Session<Self>` derefs to it.
    #[doc(hidden)]
    type Accessors: Clone + fmt::Debug + Send + Sync + 'static;

    /// `Session<Self>`: so that a type without a schema is one error where it is used as a slice.
    #[doc(hidden)]
    type Session;

    #[doc(hidden)]
    const SCHEMA: Schema = Schema { id: TypeId::of::<Self>, name: type_name::<Self>, parts: Self::parts };

    /// The keys, apart from all that depends on types: the compiler evaluates them in every check.
    #[doc(hidden)]
    const KEYS: Keys;

    /// Its fields and slices, in the order of the struct.
    #[doc(hidden)]
    fn parts() -> &'static [Part];

    #[doc(hidden)]
    fn slice_of<Whole: Contains<Self>>(session: &Handle<Whole>) -> Self::Session;

    #[doc(hidden)]
    fn accessors(handle: Handle<Self>) -> Self::Accessors;

    #[doc(hidden)]
    fn handle(accessors: &Self::Accessors) -> &Handle<Self>;

    #[doc(hidden)]
    fn from_snapshot(snapshot: &mut Snapshot) -> Self;
}

/// A schema of which `S` is a part, by `#[session(flatten)]` on a field of this type.
#[diagnostic::on_unimplemented(
    message = "the schema `{Self}` has no slice `{S}`",
    label = "not a part of `{Self}`",
    note = "add a field of type `{S}` with `#[session(flatten)]` to `{Self}`"
)]
pub trait Contains<S> {}

/// A schema is the whole slice of itself.
#[diagnostic::do_not_recommend]
impl<S> Contains<S> for S {}

/// A schema, whatever its type.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Schema {
    id: fn() -> TypeId,
    name: fn() -> &'static str,
    parts: fn() -> &'static [Part],
}

/// A part of a schema.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Part {
    Field(FieldSpec),
    /// Another schema, with all its fields.
    Slice(&'static Schema),
}

impl Schema {
    /// All fields, those of slices too, in the order of the struct.
    pub(crate) fn fields(&self) -> Vec<FieldSpec> {
        let mut fields = Vec::new();
        for part in (self.parts)() {
            match part {
                Part::Field(field) => fields.push(*field),
                Part::Slice(slice) => fields.extend(slice.fields()),
            }
        }
        fields
    }

    /// The struct's name, as the compiler calls it.
    pub(crate) fn name(&self) -> &'static str {
        (self.name)()
    }

    pub(crate) fn is_composed(&self) -> bool {
        (self.parts)().iter().any(|part| matches!(part, Part::Slice(_)))
    }

    /// Whether this is the schema of `T`, or one of which it is a part.
    pub(crate) fn contains<T: 'static>(&self) -> bool {
        let in_part = |part: &Part| matches!(part, Part::Slice(slice) if slice.contains::<T>());
        (self.id)() == TypeId::of::<T>() || (self.parts)().iter().any(in_part)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schema").field("name", &self.name()).field("parts", &(self.parts)()).finish()
    }
}
