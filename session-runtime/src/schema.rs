//! What the derive says about a user's struct: its fields, and how their values become bytes.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::codec::{self, CodecError, MAX_VALUE_BYTES};
use crate::error::{Result, SessionError};
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

    /// The schema, in the order of the struct's fields.
    #[doc(hidden)]
    const FIELDS: &'static [FieldSpec];

    #[doc(hidden)]
    fn accessors(handle: Handle<Self>) -> Self::Accessors;

    #[doc(hidden)]
    fn handle(accessors: &Self::Accessors) -> &Handle<Self>;

    #[doc(hidden)]
    fn from_snapshot(snapshot: &Snapshot) -> Result<Self>;
}

/// A type whose values can be stored in a session: anything that serde can write and read, and that may move between
/// threads. There is nothing to implement beside `Serialize` and `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a session",
    label = "not a storable type",
    note = "every type inside `{Self}` needs `#[derive(serde::Serialize, serde::Deserialize)]`",
    note = "and must be owned (no references) and `Send + Sync`: use `String` for `&str`, `Arc` for `Rc`"
)]
pub trait Value: 'static {
    #[doc(hidden)]
    fn encode(&self) -> Result<Bytes, CodecError>;

    #[doc(hidden)]
    fn decode(bytes: &[u8]) -> Result<Self, CodecError>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl<V: Serialize + DeserializeOwned + Send + Sync + 'static> Value for V {
    fn encode(&self) -> Result<Bytes, CodecError> {
        codec::encode(self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        codec::decode(bytes)
    }
}

/// A type that says what an absent field of it is: anything with a `Default`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no default, which a field that is absent needs",
    label = "no default for this type",
    note = "give the field `#[session(default = …)]`, make it an `Option<{Self}>`, or derive `Default` for `{Self}`"
)]
#[doc(hidden)]
pub trait HasDefault {
    fn default_value() -> Self;
}

#[diagnostic::do_not_recommend]
impl<V: Default> HasDefault for V {
    fn default_value() -> Self {
        V::default()
    }
}

/// The default of a field's type, checked where this is named.
#[doc(hidden)]
pub fn default_value<V: HasDefault>() -> V {
    V::default_value()
}

/// What the runtime must know of a field, whatever its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldSpec {
    pub(crate) key: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) ttl: Option<Duration>,
    pub(crate) lazy: bool,
    pub(crate) rotate: bool,
}

impl FieldSpec {
    /// A field with this key and no attributes.
    #[doc(hidden)]
    pub const fn new(key: &'static str) -> Self {
        Self { key, aliases: &[], ttl: None, lazy: false, rotate: false }
    }

    #[doc(hidden)]
    pub const fn aliases(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    #[doc(hidden)]
    pub const fn ttl(self, ttl: Duration) -> Self {
        Self { ttl: Some(ttl), ..self }
    }

    #[doc(hidden)]
    pub const fn lazy(self) -> Self {
        Self { lazy: true, ..self }
    }

    #[doc(hidden)]
    pub const fn rotate(self) -> Self {
        Self { rotate: true, ..self }
    }

    /// The keys under which the field may be stored: its own first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.key).chain(self.aliases.iter().copied())
    }
}

/// One field of the session data `T`, holding a `V`: what the generic calls of [`Session`](crate::Session) take.
///
/// The derive makes one per field, as an associated constant in upper case: `Shop::CART`.
pub struct Field<T, V> {
    spec: FieldSpec,
    encode: fn(&V) -> Result<Bytes, CodecError>,
    decode: fn(&[u8]) -> Result<V, CodecError>,
    schema: PhantomData<fn() -> T>,
}

/// Makes a descriptor. The one place where a field's type is checked: nothing else that is generated repeats the bound, so
/// that a type which can't be stored is one error.
#[doc(hidden)]
pub const fn field<T, V: Value>(spec: FieldSpec) -> Field<T, V> {
    Field { spec, encode: V::encode, decode: V::decode, schema: PhantomData }
}

impl<T, V> Field<T, V> {
    /// The key under which the field is stored.
    pub const fn key(&self) -> &'static str {
        self.spec.key
    }

    #[doc(hidden)]
    pub const fn spec(&self) -> FieldSpec {
        self.spec
    }

    pub(crate) fn encode(&self, value: &V) -> Result<Bytes> {
        let field = self.key();
        let bytes = (self.encode)(value).map_err(|source| SessionError::Encode { field, source })?;
        match bytes.len() {
            size if size > MAX_VALUE_BYTES => Err(SessionError::TooLarge { field, size, limit: MAX_VALUE_BYTES }),
            _ => Ok(bytes),
        }
    }

    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<V> {
        (self.decode)(bytes).map_err(|source| SessionError::Decode { field: self.key(), source })
    }
}

impl<T, V> Clone for Field<T, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T, V> Copy for Field<T, V> {}

impl<T, V> fmt::Debug for Field<T, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Field").field(&self.key()).finish()
    }
}
