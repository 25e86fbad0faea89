#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

// The derive names this crate as its users do.
extern crate self as session_runtime;

mod clock;
mod codec;
mod csrf;
#[cfg(feature = "encryption")]
mod encryption;
#[cfg(not(feature = "encryption"))]
#[path = "encryption/without.rs"]
mod encryption;
mod error;
mod event;
mod hidden;
pub mod http;
mod manager;
mod pause;
pub mod record;
mod schema;
mod session;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod token;
mod transport;

pub use clock::Clock;
pub use codec::CodecError;
pub use csrf::{CsrfError, CsrfFuture, CsrfLayer, CsrfService, CsrfToken};
#[cfg(feature = "axum")]
pub use csrf::{CsrfTokenLayer, CsrfTokenService};
#[cfg(feature = "encryption")]
pub use encryption::{Encryption, EncryptionKey, ParseKeyError};
pub use error::{Result, SessionError};
pub use event::{Deadline, RejectReason, RevokeReason, SessionEvent};
pub use http::{SessionLayer, SessionService};
pub use manager::{Builder, OnLimit, OnReuse, OnServerError, SessionInfo, SessionManager, SweeperHandle};
pub use schema::{Contains, Field, IndexField, SessionData, Value};
pub use session::{Call, Session, Set};
/// Makes a struct the schema of a session: each field becomes a field of the session, with typed accessors on
/// [`Session<T>`](Session) and a descriptor for the generic calls.
///
/// ```
/// use session_runtime::{MemoryStore, SessionData, SessionManager};
///
/// #[derive(SessionData)]
/// pub struct Shop {
///     /// Who is signed in.
///     #[session(rotate)]
///     user: Option<u64>,
///     cart: Vec<String>,
///     #[session(ttl = "15m")]
///     checkout: Option<String>,
///     #[session(default = 20)]
///     page_size: u32,
///     #[session(lazy, rename = "seen", alias = "visited")]
///     history: Vec<String>,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> session_runtime::Result<()> {
/// let session = SessionManager::<Shop>::new(MemoryStore::new()).start();
/// assert_eq!(session.page_size().await?, 20);
/// session.set_user(7).await?;
/// session.update_cart(|cart| cart.push("tea".into())).await?;
/// assert_eq!(session.take_cart().await?, Some(vec!["tea".into()]));
/// assert_eq!(session.get(&Shop::USER).await?, Some(7));
/// # Ok(())
/// # }
/// ```
///
/// # Fields
///
/// A field's type is anything that serde can write and read, owned, `Send + Sync`. A field of type `Option<T>` is `None`
/// where it is absent, and its setter takes a `T`; any other type needs a default. Accessors are as visible as the field, or
/// as the struct where the field says nothing. Fields can be added and removed freely between releases.
///
/// # Attributes of fields
///
/// | attribute | meaning |
/// | --- | --- |
/// | `default = expr` | what the accessor gives where the field is absent, instead of `Default::default()`; `default` alone says the latter |
/// | `ttl = "15m"` | a value ends this long after it was set: `s`, `m`, `h`, `d`, `w`, also `"1h 30m"`; updates don't prolong it |
/// | `lazy` | the value is loaded only when it is asked for: for large fields that few requests need |
/// | `index` | sessions are found by the field's value, and ended; to set it stores it also where it is equal: [`SessionManager::sessions`], [`revoke_all`](SessionManager::revoke_all); the descriptor is an [`IndexField`] |
/// | `rotate` | writing this field replaces the session's secret and cookie, and setting it counts as a sign-in: for whoever is signed in |
/// | `rename = "key"` | the key in the store, instead of the field's name |
/// | `alias = "old"` | a key under which earlier releases stored the field, as it was in the store: read where the key itself is absent; repeatable |
/// | `codec = "json"` | how values are written, instead of `"bincode"`: for types that ask the format what comes next (untagged or tagged enums, `#[serde(flatten)]`, `serde_json::Value`, skipped fields); values that were written the other way are still read |
/// | `version = 2` | the version of the field's values, 1 unless said: raise it when the same type means something else |
/// | `migrate(Old => f)` | a value that was stored as an `Old` is read by way of `f`; repeatable, also as `migrate(A => f, B => g)`; see below |
/// | `on_mismatch = "default"` | a value of another shape or version counts as absent, instead of [`SessionError::Schema`] |
/// | `flatten` | the field's type is a schema itself, a slice: its fields are part of this session; see below |
///
/// # When a field's type changes
///
/// A stored value has a fingerprint of its type's shape as serde sees it: the names and types of all fields and variants inside,
/// in their order; not the names of types, and newtypes are as what they contain. A value whose fingerprint or version is not
/// that of the field's type is not read as it. If a `migrate` takes a type of its shape, the value is read as that type and
/// upgraded. A function may also return a type that another `migrate` of the field takes; a closure gives the field's type unless
/// it says otherwise (`|old| -> CartV2 { … }`):
///
/// ```
/// # use session_runtime::SessionData;
/// # type CartV1 = Vec<String>; type CartV2 = Vec<(String, u32)>; type Cart = Vec<(String, u32, bool)>;
/// # fn count(cart: CartV1) -> CartV2 { cart.into_iter().map(|sku| (sku, 1)).collect() }
/// #[derive(SessionData)]
/// struct Shop {
///     #[session(migrate(CartV1 => count, CartV2 => |cart| cart.into_iter().map(|(sku, n)| (sku, n, false)).collect()))]
///     cart: Cart,
///     /// In cents now; the same type was in euros before.
///     #[session(version = 2, migrate(u32 => |euros| euros * 100, version = 1))]
///     credit: u32,
/// }
/// ```
///
/// What has the field's own shape and version is read as the field's type: where an old type has that shape, newtypes and the names
/// of structs aside, raise the `version`.
///
/// Without `, version = …` a `migrate` takes values of every version up to the field's. An upgraded value is stored when it is
/// next set or updated. Keep a `migrate` for as long as there can be sessions that need it: [`assert_schema!`] knows.
///
/// # Slices
///
/// A field with `flatten` puts another schema inside this one. Its accessor gives that schema's session, which shares everything
/// with the whole: `session.auth().user().await`. Under the layer of the whole, handlers can take `Session<Auth>`; elsewhere there
/// are [`Session::slice`] and [`SessionManager::slice`], which compile only where the schema [`Contains`] the slice. A slice keeps
/// its own keys; two equal keys are a compile error, which a `prefix` on the slice helps against.
///
/// # Attributes of the struct
///
/// | attribute | meaning |
/// | --- | --- |
/// | `prefix = "shop"` | keys become `shop.cart` and so on |
/// | `crate = path` | where this crate is, for code that knows it by another name |
///
/// # Names that are taken
///
/// A field can't be called like a method of [`Session`] (`id`, `keys`, `set`, …), which would hide its accessor. The compiler
/// says so; `rename` keeps the key.
pub use session_derive::SessionData;
#[cfg(feature = "mysql")]
pub use store::MySqlStore;
#[cfg(feature = "opendal")]
pub use store::ObjectStore;
#[cfg(feature = "postgres")]
pub use store::PostgresStore;
#[cfg(feature = "redis")]
pub use store::RedisStore;
#[cfg(feature = "sqlite")]
pub use store::SqliteStore;
pub use store::{MemoryStore, Store, StoreError};
#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub use store::{TableNameError, TableNames};
pub use token::{ParseTokenError, SecretHash, SessionId, Token};
pub use transport::{CookieOptions, SameSite, SiteData, Transport};

/// For implementors of [`Store`]: the macro that its methods are written with.
pub use async_trait::async_trait;

/// What generated code is made of. Not for use by hand: it changes without notice.
#[doc(hidden)]
pub mod __private {
    pub use crate::schema::snapshot::{assert_schema, schema_file};
    pub use crate::schema::{
        FieldSpec, HasDefault, Keys, Migrate, Part, Steps, Stored, Upgrade, assert_distinct_keys, field, field_or,
        go_on, optional_field, step,
    };
    pub use crate::session::{Handle, Snapshot};
    // Each is reached in one step: where a wrong `crate = …` is given, rustc makes a guess at the middle of each longer path, and an
    // error of each guess.
    pub use core::clone::Clone;
    pub use core::fmt::{Debug, Formatter, Result as FmtResult};
    pub use core::marker::{Send, Sync};
    pub use core::ops::FnMut;
    pub use core::option::Option::{self, None, Some};
    pub use core::time::Duration;
    pub use core::unreachable;
}
