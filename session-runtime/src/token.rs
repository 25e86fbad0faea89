//! Session IDs, secrets and tokens: what names a session, what opens it, and what the visitor carries.
//!
//! A token is split: the ID names the record and may be logged, the secret opens it and is known to the visitor
//! alone. The store holds the secret's SHA-256, so a copy of the store opens no session.

use std::cell::RefCell;
use std::fmt;
use std::hash::Hasher;
use std::ops::Deref;
use std::str::FromStr;

use base64::Engine as _;
use base64::display::Base64Display;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

mod text;

pub(crate) use text::decode;

/// The length in characters of the longest [`Token`] in its text form.
pub(crate) const MAX_TOKEN_TEXT_LEN: usize = 64;

/// Fresh bytes from the operating system's random number generator.
///
/// # Panics
/// When the system has no random numbers to give: no session may be made without them.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
}

/// So many bytes that the call costs little for each of them.
const FETCHED_AT_ONCE: usize = 1024;

/// Random bytes that need only be unlike all others: no secrets. The system is asked for many at a time.
pub(crate) fn unique() -> [u8; 8] {
    thread_local! {
        static FETCHED: RefCell<Fetched> = const { RefCell::new(Fetched { bytes: [0; FETCHED_AT_ONCE], left: 0 }) };
    }
    // At the end of its thread there is nowhere to keep them.
    FETCHED.try_with(|fetched| fetched.borrow_mut().next()).unwrap_or_else(|_| random())
}

struct Fetched {
    bytes: [u8; FETCHED_AT_ONCE],
    left: usize,
}

impl Fetched {
    fn next(&mut self) -> [u8; 8] {
        if self.left == 0 {
            *self = Self { bytes: random(), left: FETCHED_AT_ONCE };
        }
        self.left -= 8;
        let mut next = [0; 8];
        next.copy_from_slice(&self.bytes[self.left..self.left + 8]);
        next
    }
}

/// The public name of a session: 16 random bytes, the same for the session's whole life.
///
/// It is the store's key, safe to log and to show, and proves nothing: only a [`Token`] opens a session. Its text form
/// (`Display`, `FromStr`) is base64url without padding, 22 characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId([u8; 16]);

impl SessionId {
    /// The ID with these bytes, as a store has them.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes, as a store keeps them.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

impl FromStr for SessionId {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        decode(text.as_bytes()).map(Self)
    }
}

/// The secret half of a token: 16 random bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Secret([u8; 16]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    pub(crate) fn random() -> Self {
        Self(random())
    }

    pub(crate) fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0).into())
    }
}

/// The SHA-256 of a token's secret: what a store keeps to recognise the token without being able to make it.
///
/// `==` takes the same time wherever two hashes differ.
#[derive(Clone, Copy, Eq)]
pub struct SecretHash([u8; 32]);

impl SecretHash {
    /// The hash with these bytes, as a store has them.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes, as a store keeps them.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl SecretHash {
    /// In pieces as large as the processor compares at once.
    pub(crate) fn words(&self) -> [u64; 4] {
        std::array::from_fn(|at| {
            let mut word = [0; 8];
            word.copy_from_slice(&self.0[8 * at..8 * (at + 1)]);
            u64::from_ne_bytes(word)
        })
    }
}

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.words().ct_eq(&other.words()).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// The half of a session's encryption key that only its visitor has: 16 random bytes, the same for the session's whole life.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ValueKey([u8; 16]);

impl ValueKey {
    pub(crate) fn random() -> Self {
        Self(random())
    }

    #[cfg(feature = "encryption")]
    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ValueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ValueKey(..)")
    }
}

/// What opens a session: its ID and its secret, and the key to its values where the manager encrypts so.
///
/// The text form (`Display`, `FromStr`) is base64url without padding, 43 characters, or 64 with a key: what the cookie holds.
/// Whoever has it has the session, so give it to its visitor and to nobody else. `Debug` shows the ID only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    id: SessionId,
    secret: Secret,
    key: Option<ValueKey>,
}

impl Token {
    /// A token for a session that does not exist yet.
    pub(crate) fn random(key: Option<ValueKey>) -> Self {
        // Of the system at once: each call costs as much as all else that a new token takes.
        let bytes: [u8; 32] = random();
        let (mut id, mut secret) = ([0; 16], [0; 16]);
        id.copy_from_slice(&bytes[..16]);
        secret.copy_from_slice(&bytes[16..]);
        Self { id: SessionId(id), secret: Secret(secret), key }
    }

    /// The token for the same session with this secret.
    pub(crate) fn with_secret(&self, secret: Secret) -> Self {
        Self { secret, ..*self }
    }

    /// A new token for the same session.
    pub(crate) fn with_new_secret(&self) -> Self {
        self.with_secret(Secret::random())
    }

    /// The name of the session that this token may open.
    pub fn id(&self) -> SessionId {
        self.id
    }

    pub(crate) fn hash(&self) -> SecretHash {
        self.secret.hash()
    }

    pub(crate) fn key(&self) -> Option<&ValueKey> {
        self.key.as_ref()
    }

    /// Reads the text form; anything but exactly 43 or 64 characters of its alphabet is malformed.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseTokenError> {
        if text.len() == MAX_TOKEN_TEXT_LEN {
            let bytes: [u8; 48] = decode(text)?;
            Ok(Self { key: Some(ValueKey(part(&bytes, 2)?)), ..Self::of_bytes(&bytes)? })
        } else {
            Self::of_bytes(&decode::<32>(text)?)
        }
    }

    fn of_bytes(bytes: &[u8]) -> Result<Self, ParseTokenError> {
        Ok(Self { id: SessionId(part(bytes, 0)?), secret: Secret(part(bytes, 1)?), key: None })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(&self.id.0);
        bytes[16..32].copy_from_slice(&self.secret.0);
        let written = match &self.key {
            Some(key) => {
                bytes[32..].copy_from_slice(&key.0);
                &bytes[..]
            }
            None => &bytes[..32],
        };
        fmt::Display::fmt(&Base64Display::new(written, &URL_SAFE_NO_PAD), f)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}, secret redacted)", self.id)
    }
}

impl FromStr for Token {
    type Err = ParseTokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text.as_bytes())
    }
}

/// A token that was presented or made, with the hash of its secret, which takes as long as all else that is done with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashedToken {
    token: Token,
    hash: SecretHash,
}

impl HashedToken {
    pub(crate) fn hash(&self) -> SecretHash {
        self.hash
    }
}

impl From<Token> for HashedToken {
    fn from(token: Token) -> Self {
        Self { token, hash: token.secret.hash() }
    }
}

impl Deref for HashedToken {
    type Target = Token;

    fn deref(&self) -> &Token {
        &self.token
    }
}

/// A hash of what is random already, and is not chosen by strangers where it is kept: its last eight bytes.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk() {
            self.0 = u64::from_ne_bytes(*last);
        }
    }

    /// The length of an ID, which is always the same.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

/// The text is not a token or session ID: it has another length or other characters.
#[derive(Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("malformed: not base64url text of the right length")]
pub struct ParseTokenError(());

/// With what is wrong: a `main` that returns it prints this.
impl fmt::Debug for ParseTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseTokenError({self})")
    }
}

/// The 16 bytes that are at this place of a token.
fn part(bytes: &[u8], at: usize) -> Result<[u8; 16], ParseTokenError> {
    let part = bytes.chunks_exact(16).nth(at).and_then(|part| part.try_into().ok());
    part.ok_or(ParseTokenError(()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_form() {
        for (key, length) in [(None, 43), (Some(ValueKey::random()), MAX_TOKEN_TEXT_LEN)] {
            let token = Token::random(key);
            let text = token.to_string();
            assert_eq!(text.len(), length);
            assert_eq!(text.parse(), Ok(token));
            assert_eq!(token.id().to_string().parse(), Ok(token.id()));
        }
    }

    #[test]
    fn only_the_exact_text_is_a_token() {
        let text = Token::random(None).to_string();
        for malformed in
            ["", "x", &text[1..], &format!("{text}A"), &format!("{}=", &text[1..]), &format!("{}!", &text[1..])]
        {
            assert!(malformed.parse::<Token>().is_err(), "{malformed:?}");
        }
        // The last character carries four bits; one with the unused bits set is another spelling, not the token.
        let canonical = Token { id: SessionId([0; 16]), secret: Secret([0; 16]), key: None }.to_string();
        assert!(canonical.ends_with('A'));
        assert!(format!("{}B", &canonical[..42]).parse::<Token>().is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::random(Some(ValueKey::random()));
        let text = token.to_string();
        assert!(!format!("{token:?}").contains(&text[22..43]));
        assert!(!format!("{token:?} {:?}", token.key()).contains(&text[43..]));
        assert!(!format!("{:?}", token.hash()).contains(char::is_numeric));
    }
}
