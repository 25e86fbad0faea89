//! Values at rest: sealed under a key that the visitor's token carries, or under keys of the application.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::codec::SEALED;
use crate::record::Revision;
use crate::token::{self, SessionId, ValueKey};

/// Which key a value was sealed with: see [`EncryptionKey::name`].
type KeyName = [u8; 4];

/// In place of a name: the key that the token carries.
const OF_TOKEN: KeyName = [0; 4];

/// Has values stored sealed, by XChaCha20-Poly1305: see [`Builder::encryption`](crate::Builder::encryption).
///
/// Each value is bound to its session, its field and the write that put it there: one that somebody has moved to another place in
/// the store is refused, with [`Decode`](crate::SessionError::Decode) for that field alone. What the store still shows is which
/// fields there are, how long their values are, and when they were written; and the values of index fields, with
/// [`by_token`](Self::by_token) and no [`index_key`](Self::index_key). That somebody put an older copy of the whole record back
/// can't be noticed.
///
/// ```no_run
/// # use session_runtime::{Encryption, MemoryStore, SessionData, SessionManager};
/// # #[derive(SessionData)] struct Shop { cart: Vec<String> }
/// # let store = MemoryStore::new();
/// let keys = [std::env::var("SESSION_KEY")?.parse()?];
/// let sessions = SessionManager::<Shop>::builder(store).encryption(Encryption::by_keys(keys)).build()?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Encryption {
    keys: Keys,
    /// Those under which values are entered in an index: the first for writing, all for reading. None: they are not hashed.
    index_keys: Vec<EncryptionKey>,
    accepts_unsealed: bool,
}

#[derive(Clone, Debug)]
enum Keys {
    OfToken,
    /// The first seals, all open.
    Ring(Vec<EncryptionKey>),
}

impl Encryption {
    /// Each session has a key of its own, which only the visitor's token carries (it is 64 characters long then, not 43): who has
    /// the store, a backup of it or all of the application's keys reads nothing. It stays the same when the secret is replaced.
    ///
    /// The price: nobody reads a session without its visitor. [`SessionInfo::get`](crate::SessionInfo::get) fails with
    /// [`Decode`](crate::SessionError::Decode); sessions are still listed, limited and revoked by index fields, whose values are
    /// in the store's index as they are, unless there is an [`index_key`](Self::index_key). Tokens without a key, those from before
    /// this was set, are malformed: their visitors sign in again.
    pub fn by_token() -> Self {
        Self { keys: Keys::OfToken, index_keys: Vec::new(), accepts_unsealed: false }
    }

    /// All sessions are sealed with keys that the application has: who has the store or a backup of it, but not these, reads
    /// nothing. Values in the store's index are hashed with them.
    ///
    /// The first key seals, all of them open. To rotate, put a new one first and keep the others for as long as sessions last;
    /// those whose key is gone can't be read any more, nor found by an index.
    pub fn by_keys(keys: impl IntoIterator<Item = EncryptionKey>) -> Self {
        let keys = Vec::from_iter(keys);
        Self { keys: Keys::Ring(keys.clone()), index_keys: keys, accepts_unsealed: false }
    }

    /// Has values hashed under this key where they are entered in the store's index, in place of the keys of
    /// [`by_keys`](Self::by_keys). With another key, sessions from before are no longer found.
    pub fn index_key(mut self, key: EncryptionKey) -> Self {
        self.index_keys = vec![key];
        self
    }

    /// Accepts values that were stored before there was encryption, until they are written again: with [`by_keys`](Self::by_keys),
    /// for [`by_token`](Self::by_token) opens no session from before. Whoever can write to the store can put such values there,
    /// so turn it off once the sessions from before have ended. They are not found by index fields whose values are hashed.
    pub fn accept_unsealed(mut self) -> Self {
        self.accepts_unsealed = true;
        self
    }

    /// Says what is wrong with the keys.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let Keys::Ring(keys) = &self.keys else { return Ok(()) };
        let names: Vec<_> = keys.iter().map(EncryptionKey::name).collect();
        let is_repeated = |at: usize| names[..at].contains(&names[at]);
        if names.is_empty() {
            return Err("`Encryption::by_keys` needs at least one key");
        }
        if (0..names.len()).any(is_repeated) {
            return Err("`Encryption::by_keys` has one key twice");
        }
        Ok(())
    }

    pub(crate) fn is_by_token(&self) -> bool {
        matches!(self.keys, Keys::OfToken)
    }

    pub(crate) fn accepts_unsealed(&self) -> bool {
        self.accepts_unsealed
    }

    /// Seals a value that is written to this place.
    pub(crate) fn seal(&self, place: &Place<'_>, token: Option<&ValueKey>, value: &[u8]) -> Arc<[u8]> {
        let (name, key) = match &self.keys {
            Keys::OfToken => (OF_TOKEN, session_key(token.expect("tokens without a key are malformed"), place.session)),
            Keys::Ring(keys) => (keys[0].name(), keys[0].derive(b"values", &[])),
        };
        let nonce: [u8; 24] = token::random();
        let payload = Payload { msg: value, aad: &place.text() };
        let sealed = cipher(&key).encrypt(&XNonce::from(nonce), payload).expect("values are shorter than 256 GiB");
        [&[SEALED][..], &name, &nonce, &sealed].concat().into()
    }

    /// Opens the value that is at this place; `None` if it was not sealed for it with a key that is here.
    pub(crate) fn open(&self, place: &Place<'_>, token: Option<&ValueKey>, stored: &[u8]) -> Option<Arc<[u8]>> {
        let stored = stored.strip_prefix(&[SEALED])?;
        let (name, rest) = stored.split_first_chunk::<4>()?;
        let (nonce, sealed) = rest.split_first_chunk::<24>()?;
        let key = match &self.keys {
            Keys::OfToken => session_key(token.filter(|_| *name == OF_TOKEN)?, place.session),
            Keys::Ring(keys) => keys.iter().find(|key| key.name() == *name)?.derive(b"values", &[]),
        };
        let payload = Payload { msg: sealed, aad: &place.text() };
        cipher(&key).decrypt(&XNonce::from(*nonce), payload).ok().map(Arc::from)
    }

    /// What a value is entered under in an index: the first of these. Those after it are from before.
    pub(crate) fn index_texts(&self, index: &str, text: &str) -> Vec<String> {
        if self.index_keys.is_empty() {
            return vec![text.to_owned()];
        }
        let hash = |key: &EncryptionKey| key.derive(b"index", &[index.as_bytes(), text.as_bytes()]);
        self.index_keys.iter().map(|key| format!("hmac:{}", hex(&hash(key)))).collect()
    }
}

/// Where a value is stored: it can be opened there and nowhere else.
#[derive(Debug)]
pub(crate) struct Place<'p> {
    pub(crate) session: SessionId,
    pub(crate) key: &'p str,
    pub(crate) revision: Revision,
}

impl Place<'_> {
    fn text(&self) -> Vec<u8> {
        [&self.session.as_bytes()[..], self.revision.as_bytes(), self.key.as_bytes()].concat()
    }
}

/// A key of the application: 32 random bytes, kept where the application keeps its secrets, away from the store.
///
/// Read from 64 hexadecimal digits, such as those of `openssl rand -hex 32`.
#[derive(Clone)]
pub struct EncryptionKey([u8; 32]);

impl EncryptionKey {
    /// The key with these bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What stands in a sealed value, to find the key by.
    fn name(&self) -> KeyName {
        let [a, b, c, d, ..] = self.derive(b"name", &[]);
        [a, b, c, d]
    }

    fn derive(&self, purpose: &[u8], about: &[&[u8]]) -> [u8; 32] {
        derive(&self.0, purpose, about)
    }
}

impl FromStr for EncryptionKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 64 {
            return Err(ParseKeyError(()));
        }
        let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8).ok_or(ParseKeyError(()));
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for EncryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EncryptionKey(..)")
    }
}

/// The text is no [`EncryptionKey`].
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not 64 hexadecimal digits")]
pub struct ParseKeyError(());

/// With what is wrong: a `main` that returns it prints this.
impl fmt::Debug for ParseKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseKeyError({self})")
    }
}

/// The key of a session, of the half of it that its token carries.
fn session_key(key: &ValueKey, session: SessionId) -> [u8; 32] {
    derive(key.as_bytes(), b"session", &[session.as_bytes()])
}

/// A key for one purpose out of a key for several: HMAC-SHA256, with the length before each part, so that no two inputs are the
/// same.
fn derive(key: &[u8], purpose: &[u8], about: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of every length");
    for part in [&b"session-runtime"[..], purpose].iter().chain(about) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
