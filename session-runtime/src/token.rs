//! Session IDs, secrets and tokens: what names a session, what opens it, and what the visitor carries.
//!
//! A token is split: the ID names the record and may be logged, the secret opens it and is known to the visitor
//! alone. The store holds the secret's SHA-256, so a copy of the store opens no session.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The length in characters of a [`Token`] in its text form.
pub(crate) const TOKEN_TEXT_LEN: usize = 43;

/// Fresh bytes from the operating system's random number generator.
///
/// # Panics
/// When the system has no random numbers to give: no session may be made without them.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers");
    bytes
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

impl PartialEq for SecretHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(..)")
    }
}

/// What opens a session: its ID and its secret.
///
/// The text form (`Display`, `FromStr`) is base64url without padding, 43 characters: what the cookie holds. Whoever has it
/// has the session, so give it to its visitor and to nobody else. `Debug` shows the ID only.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Token {
    id: SessionId,
    secret: Secret,
}

impl Token {
    /// A token for a session that does not exist yet.
    pub(crate) fn random() -> Self {
        Self { id: SessionId(random()), secret: Secret::random() }
    }

    /// The token for the same session with this secret.
    pub(crate) fn with_secret(&self, secret: Secret) -> Self {
        Self { id: self.id, secret }
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

    /// Reads the text form; anything but exactly 43 characters of its alphabet is malformed.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseTokenError> {
        let bytes: [u8; 32] = decode(text)?;
        let (id, secret) = bytes.split_at(16);
        Ok(Self {
            id: SessionId(id.try_into().map_err(|_| ParseTokenError(()))?),
            secret: Secret(secret.try_into().map_err(|_| ParseTokenError(()))?),
        })
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0; 32];
        bytes[..16].copy_from_slice(&self.id.0);
        bytes[16..].copy_from_slice(&self.secret.0);
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
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

/// The text is not a token or session ID: it has another length or other characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed: not base64url text of the right length")]
pub struct ParseTokenError(());

fn decode<const N: usize>(text: &[u8]) -> Result<[u8; N], ParseTokenError> {
    // Checked before decoding, so that hostile text costs nothing.
    if text.len() != (N * 8).div_ceil(6) {
        return Err(ParseTokenError(()));
    }
    let mut bytes = [0; N];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(len) if len == N => Ok(bytes),
        _ => Err(ParseTokenError(())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_survives_its_text_form() {
        let token = Token::random();
        let text = token.to_string();
        assert_eq!(text.len(), TOKEN_TEXT_LEN);
        assert_eq!(text.parse(), Ok(token));
        assert_eq!(token.id().to_string().parse(), Ok(token.id()));
    }

    #[test]
    fn only_the_exact_text_is_a_token() {
        let text = Token::random().to_string();
        for malformed in
            ["", "x", &text[1..], &format!("{text}A"), &format!("{}=", &text[1..]), &format!("{}!", &text[1..])]
        {
            assert!(malformed.parse::<Token>().is_err(), "{malformed:?}");
        }
        // The last character carries four bits; one with the unused bits set is another spelling, not the token.
        let canonical = Token { id: SessionId([0; 16]), secret: Secret([0; 16]) }.to_string();
        assert!(canonical.ends_with('A'));
        assert!(format!("{}B", &canonical[..42]).parse::<Token>().is_err());
    }

    #[test]
    fn debug_shows_no_secret() {
        let token = Token::random();
        let text = token.to_string();
        assert!(!format!("{token:?}").contains(&text[22..]));
        assert!(!format!("{:?}", token.hash()).contains(char::is_numeric));
    }
}
