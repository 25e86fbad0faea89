//! Fields: what the derive says of them, and how their values become bytes and are read again.

use std::fmt;
use std::marker::PhantomData;
use std::time::Duration;

use bytes::Bytes;

use super::index::IndexText;
use super::migrate::{Migrate, Old, Stored};
use super::value::Value;
use crate::codec::shape::Shape;
use crate::codec::{Codec, CodecError, Envelope, MAX_VALUE_BYTES, Written};
use crate::error::{Result, SessionError};
use crate::session::{Handle, Take};

/// What the runtime must know of a field, whatever its type.
#[derive(Clone, Copy, Debug)]
pub struct FieldSpec {
    pub(crate) key: &'static str,
    pub(crate) aliases: &'static [&'static str],
    pub(crate) ttl: Option<Duration>,
    pub(crate) lazy: bool,
    pub(crate) rotate: bool,
    /// Sessions are found by its value.
    pub(crate) index: bool,
    pub(crate) codec: Codec,
    pub(crate) version: u32,
    /// A value of another shape or version counts as absent.
    pub(crate) default_on_mismatch: bool,
    pub(crate) ty: &'static FieldType,
}

/// What the runtime must know of a field's type, without knowing it.
#[derive(Debug)]
pub(crate) struct FieldType {
    pub(crate) shape: fn(Codec) -> &'static Shape,
    /// The types that are upgraded when they are read.
    pub(crate) olds: fn() -> Vec<Old>,
}

impl FieldSpec {
    /// A field with this key and no attributes.
    #[doc(hidden)]
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            aliases: &[],
            ttl: None,
            lazy: false,
            rotate: false,
            index: false,
            codec: Codec::Bincode,
            version: 1,
            default_on_mismatch: false,
            ty: &FieldType { shape: <() as Value>::shape, olds: Vec::new },
        }
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

    #[doc(hidden)]
    pub const fn json(self) -> Self {
        Self { codec: Codec::Json, ..self }
    }

    #[doc(hidden)]
    pub const fn version(self, version: u32) -> Self {
        Self { version, ..self }
    }

    #[doc(hidden)]
    pub const fn default_on_mismatch(self) -> Self {
        Self { default_on_mismatch: true, ..self }
    }

    /// The keys under which the field may be stored: its own first.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.key).chain(self.aliases.iter().copied())
    }

    /// How a value is written now.
    pub(crate) fn written(&self) -> Written {
        let fingerprint = (self.ty.shape)(self.codec).fingerprint();
        Written { codec: self.codec, version: self.version, fingerprint }
    }

    /// Whether a stored value counts as there. One that does not decode does: it is an error, not absent.
    pub(crate) fn counts(&self, bytes: &[u8]) -> bool {
        !self.default_on_mismatch || Envelope::open(bytes).map_or(true, |stored| self.reads(&stored.written))
    }

    /// Whether a value that was written so can be read.
    pub(crate) fn reads(&self, written: &Written) -> bool {
        let same_shape = |shape: &Shape| shape.fingerprint() == written.fingerprint;
        let as_it_is = written.version == self.version && same_shape((self.ty.shape)(written.codec));
        let is_old = |old: &Old| old.takes(written.version, self.version) && same_shape((old.shape)(written.codec));
        as_it_is || (self.ty.olds)().iter().any(is_old)
    }
}

/// One field of the session data `T`, holding a `V`: what the generic calls of [`Session`](crate::Session) take.
///
/// The derive makes one per field, as an associated constant in upper case: `Shop::CART`.
pub struct Field<T, V> {
    spec: FieldSpec,
    encode: fn(&V, Codec, u32) -> Result<Bytes, CodecError>,
    read: fn(Envelope<'_>, FieldSpec) -> Result<Option<V>, CodecError>,
    take: Take<T, V>,
    /// The text by which sessions are found, if they are.
    index_text: Option<IndexText<V>>,
    schema: PhantomData<fn() -> T>,
}

/// A value as it is stored.
pub(crate) struct Encoded {
    pub(crate) bytes: Bytes,
    /// The text by which the session is found; `None` where the field is no index.
    pub(crate) index_text: Option<String>,
}

/// Makes a descriptor. The one place where a field's type is checked: nothing else that is generated repeats the bound, so
/// that a type which can't be stored is one error.
#[doc(hidden)]
pub const fn field<T, V: Value>(spec: FieldSpec) -> Field<T, V> {
    let ty = const { &FieldType { shape: V::shape, olds: Vec::new } };
    described(FieldSpec { ty, ..spec }, read::<V>)
}

/// The same for a field that is also read from values of older types.
#[doc(hidden)]
pub const fn migrated_field<T: Migrate<V, FIELD>, V: Value, const FIELD: usize>(spec: FieldSpec) -> Field<T, V> {
    let ty = const { &FieldType { shape: V::shape, olds: olds::<T, V, FIELD> } };
    described(FieldSpec { ty, ..spec }, read_migrated::<T, V, FIELD>)
}

const fn described<T, V: Value>(
    spec: FieldSpec,
    read: fn(Envelope<'_>, FieldSpec) -> Result<Option<V>, CodecError>,
) -> Field<T, V> {
    Field { spec, encode: V::encode, read, take: Handle::taken, index_text: None, schema: PhantomData }
}

fn read<V: Value>(stored: Envelope<'_>, spec: FieldSpec) -> Result<Option<V>, CodecError> {
    V::decode(&stored, spec.version)
}

fn read_migrated<T: Migrate<V, FIELD>, V: Value, const FIELD: usize>(
    stored: Envelope<'_>,
    spec: FieldSpec,
) -> Result<Option<V>, CodecError> {
    match V::decode(&stored, spec.version)? {
        Some(value) => Ok(Some(value)),
        None => T::migrate(Stored::reading(stored, spec.version)).upgraded(),
    }
}

fn olds<T: Migrate<V, FIELD>, V: Value, const FIELD: usize>() -> Vec<Old> {
    T::migrate(Stored::listing()).into_olds()
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

    /// How the value is taken out: known here, where a `V` is known to be `Send`.
    pub(crate) fn take(&self) -> Take<T, V> {
        self.take
    }

    pub(super) const fn indexed(self, index_text: IndexText<V>) -> Self {
        Self { spec: FieldSpec { index: true, ..self.spec }, index_text: Some(index_text), ..self }
    }

    pub(crate) fn encode(&self, value: &V) -> Result<Encoded> {
        let FieldSpec { key: field, codec, version, .. } = self.spec;
        let bytes = (self.encode)(value, codec, version).map_err(|source| SessionError::Encode { field, source })?;
        match bytes.len() {
            size if size > MAX_VALUE_BYTES => Err(SessionError::TooLarge { field, size, limit: MAX_VALUE_BYTES }),
            _ => Ok(Encoded { bytes, index_text: self.index_text(value)? }),
        }
    }

    fn index_text(&self, value: &V) -> Result<Option<String>> {
        let text = self.index_text.map(|text| text(value)).transpose();
        text.map_err(|source| SessionError::Encode { field: self.key(), source })
    }

    /// The stored value; `None` for one of another shape that counts as absent.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<Option<V>> {
        let undecodable = |source| SessionError::Decode { field: self.key(), source };
        let stored = Envelope::open(bytes).map_err(undecodable)?;
        match (self.read)(stored, self.spec).map_err(undecodable)? {
            Some(value) => Ok(Some(value)),
            None if self.spec.default_on_mismatch => {
                tracing::debug!(field = self.key(), stored = %stored.written, "a value of another shape counts as absent");
                Ok(None)
            }
            None => Err(self.mismatch(&stored.written)),
        }
    }

    fn mismatch(&self, stored: &Written) -> SessionError {
        let shape = (self.spec.ty.shape)(self.spec.codec);
        SessionError::Schema {
            field: self.key(),
            stored: stored.to_string(),
            expected: format!("{} {shape}", self.spec.written()),
        }
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
