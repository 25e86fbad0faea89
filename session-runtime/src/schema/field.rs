//! Fields: what the derive says of them, and how their values become bytes and are read again.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::Part;
use super::index::{IndexField, IndexText};
use super::migrate::{Migrate, Old, Stored};
use super::value::{HasDefault, Value};
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
    /// What values are made of.
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
            shape: <() as Value>::shape,
            olds: Vec::new,
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
        let fingerprint = (self.shape)(self.codec).fingerprint();
        Written { codec: self.codec, version: self.version, fingerprint }
    }

    /// Whether a stored value counts as there. One that does not decode does: it is an error, not absent.
    pub(crate) fn counts(&self, bytes: &[u8]) -> bool {
        !self.default_on_mismatch || Envelope::open(bytes).map_or(true, |stored| self.reads(&stored.written))
    }

    /// Whether a value that was written so can be read.
    pub(crate) fn reads(&self, written: &Written) -> bool {
        let same_shape = |shape: &Shape| shape.fingerprint() == written.fingerprint;
        let as_it_is = written.version == self.version && same_shape((self.shape)(written.codec));
        let is_old = |old: &Old| old.takes(written.version, self.version) && same_shape((old.shape)(written.codec));
        as_it_is || (self.olds)().iter().any(is_old)
    }
}

/// One field of the session data `T`, holding a `V`: what the generic calls of [`Session`](crate::Session) take.
///
/// The derive makes one per field, as an associated constant in upper case: `Shop::CART`.
pub struct Field<T, V> {
    spec: FieldSpec,
    encode: EncodeOf<V>,
    decode: fn(&Envelope<'_>, u32) -> Result<Option<V>, CodecError>,
    /// Reads a value of an older type, where there are such types.
    upgrade: Option<UpgradeOf<V>>,
    /// What its accessors give where it is absent.
    default: fn() -> V,
    take: Take<T, V>,
    index_text: IndexText<V>,
    schema: PhantomData<fn() -> T>,
}

/// Makes the bytes of a value, by this codec and in this version.
type EncodeOf<V> = fn(&V, Codec, u32) -> Result<Arc<[u8]>, CodecError>;

/// Reads a value of an older type, in this version; `None` if it is of no type that is known.
type UpgradeOf<V> = fn(Envelope<'_>, u32) -> Result<Option<V>, CodecError>;

/// A value as it is stored.
pub(crate) struct Encoded {
    pub(crate) bytes: Arc<[u8]>,
    /// The text by which the session is found; `None` where the field is no index.
    pub(crate) index_text: Option<String>,
}

/// Makes the descriptor of a field that has its type's default where it is absent. This and the two below are the only places
/// where a field's type is checked: nothing else that is generated repeats the bound, so that a type which can't be stored
/// is one error.
#[doc(hidden)]
pub const fn field<T, V: Value + HasDefault>(spec: FieldSpec) -> Field<T, V> {
    field_or(spec, V::default_value)
}

/// The same for a field with a default of its own.
#[doc(hidden)]
pub const fn field_or<T, V: Value>(spec: FieldSpec, default: fn() -> V) -> Field<T, V> {
    Field {
        spec: FieldSpec { shape: V::shape, ..spec },
        encode: V::encode,
        decode: V::decode,
        upgrade: None,
        default,
        take: Handle::taken,
        index_text: V::index_text,
        schema: PhantomData,
    }
}

/// The same for an `Option` field: its accessors know `None` without a default.
#[doc(hidden)]
pub const fn optional_field<T, V: Value>(spec: FieldSpec) -> Field<T, V> {
    field_or(spec, || unreachable!("the accessors of an `Option` field ask for no default"))
}

fn upgrade<T: Migrate<V, FIELD>, V, const FIELD: usize>(
    stored: Envelope<'_>,
    version: u32,
) -> Result<Option<V>, CodecError> {
    T::migrate(Stored::reading(stored, version)).upgraded()
}

fn olds<T: Migrate<V, FIELD>, V, const FIELD: usize>() -> Vec<Old> {
    T::migrate(Stored::listing()).into_olds()
}

impl<T, V> Field<T, V> {
    /// The key under which the field is stored.
    pub const fn key(&self) -> &'static str {
        self.spec.key
    }

    /// The field as a part of its schema.
    #[doc(hidden)]
    pub const fn part(&self) -> Part {
        Part::Field(self.spec)
    }

    /// The same field, also read from values of older types.
    #[doc(hidden)]
    pub const fn migrated<const FIELD: usize>(self) -> Self
    where
        T: Migrate<V, FIELD>,
    {
        let spec = FieldSpec { olds: olds::<T, V, FIELD>, ..self.spec };
        Self { spec, upgrade: Some(upgrade::<T, V, FIELD>), ..self }
    }

    /// The same field, by whose value sessions are found.
    #[doc(hidden)]
    pub const fn indexed(self) -> IndexField<T, V> {
        IndexField::new(Self { spec: FieldSpec { index: true, ..self.spec }, ..self })
    }

    pub(crate) const fn spec(&self) -> &FieldSpec {
        &self.spec
    }

    /// What the field is where it is absent.
    pub(crate) fn default(&self) -> fn() -> V {
        self.default
    }

    /// How the value is taken out: known here, where a `V` is known to be `Send`.
    pub(crate) fn take(&self) -> Take<T, V> {
        self.take
    }

    pub(crate) fn encode(&self, value: &V) -> Result<Encoded> {
        let FieldSpec { key: field, codec, version, .. } = self.spec;
        let bytes = (self.encode)(value, codec, version).map_err(|source| SessionError::Encode { field, source })?;
        match bytes.len() {
            size if size > MAX_VALUE_BYTES => Err(SessionError::TooLarge { field, size, limit: MAX_VALUE_BYTES }),
            _ => Ok(Encoded { bytes, index_text: self.index_text_of(value)? }),
        }
    }

    /// The text by which sessions with this value are found; `None` where the field is no index.
    fn index_text_of(&self, value: &V) -> Result<Option<String>> {
        self.spec.index.then(|| self.text(value)).transpose()
    }

    /// The text by which sessions with this value are found.
    pub(super) fn text(&self, value: &V) -> Result<String> {
        (self.index_text)(value).map_err(|source| SessionError::Encode { field: self.key(), source })
    }

    /// The stored value; `None` for one of another shape that counts as absent.
    pub(crate) fn decode(&self, bytes: &[u8]) -> Result<Option<V>> {
        let undecodable = |source| SessionError::Decode { field: self.key(), source };
        let stored = Envelope::open(bytes).map_err(undecodable)?;
        match self.read(stored).map_err(undecodable)? {
            Some(value) => Ok(Some(value)),
            None if self.spec.default_on_mismatch => {
                tracing::debug!(field = self.key(), stored = %stored.written, "a value of another shape counts as absent");
                Ok(None)
            }
            None => Err(self.mismatch(&stored.written)),
        }
    }

    fn read(&self, stored: Envelope<'_>) -> Result<Option<V>, CodecError> {
        match ((self.decode)(&stored, self.spec.version)?, self.upgrade) {
            (None, Some(upgrade)) => upgrade(stored, self.spec.version),
            (value, _) => Ok(value),
        }
    }

    fn mismatch(&self, stored: &Written) -> SessionError {
        let shape = (self.spec.shape)(self.spec.codec);
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
