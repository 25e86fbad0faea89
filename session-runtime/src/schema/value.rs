//! What a field's type must be able to do.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::index;
use crate::codec::shape::Shape;
use crate::codec::{self, Codec, CodecError, Envelope};

/// A type whose values can be stored in a session: anything that serde can write and read, and that may move between
/// threads. There is nothing to implement beside `Serialize` and `Deserialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be stored in a session",
    label = "not a storable type",
    note = "every type inside `{Self}` needs `#[derive(serde::Serialize, serde::Deserialize)]`",
    note = "and must be owned (no references) and `Send + Sync`: use `String` for `&str`, `Arc` for `Rc`"
)]
pub trait Value: Sized + Send + 'static {
    /// The bytes that are stored.
    #[doc(hidden)]
    fn encode(&self, codec: Codec, version: u32) -> Result<Arc<[u8]>, CodecError>;

    /// The value, if it was stored as this type in this version.
    #[doc(hidden)]
    fn decode(stored: &Envelope<'_>, version: u32) -> Result<Option<Self>, CodecError>;

    /// The text by which sessions with this value are found.
    #[doc(hidden)]
    fn index_text(&self) -> Result<String, CodecError>;

    /// What its values are made of when they are stored so.
    #[doc(hidden)]
    fn shape(codec: Codec) -> &'static Shape;
}

#[diagnostic::do_not_recommend]
impl<V: Serialize + DeserializeOwned + Send + Sync + 'static> Value for V {
    fn encode(&self, codec: Codec, version: u32) -> Result<Arc<[u8]>, CodecError> {
        codec::encode(self, codec, version)
    }

    fn decode(stored: &Envelope<'_>, version: u32) -> Result<Option<Self>, CodecError> {
        codec::decode(stored, version)
    }

    fn index_text(&self) -> Result<String, CodecError> {
        index::text_of(self)
    }

    fn shape(codec: Codec) -> &'static Shape {
        codec.shape_of::<V>()
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
