use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::record::Epoch;
use crate::token::{self, SessionId};

/// Half of the text's bytes: as much of a SHA-256 as nobody guesses.
const LEN: usize = 16;

/// Nothing else that is hashed begins like this.
const PURPOSE: &[u8] = b"session-runtime: CSRF token 1\0";

/// What a session's forms carry, so that it shows that a page of this service has made them:
/// [`Session::csrf_token`](crate::Session::csrf_token).
///
/// Its text (`Display`) is 43 letters, digits, `-` and `_`. Each call gives another one, the same token under a fresh mask, so
/// that compressed pages don't give it away bit by bit (BREACH). `Debug` doesn't show it.
///
/// It is derived from the session's ID and [`Epoch`], which are 16 public and 8 secret random bytes. The epoch never leaves the
/// store; it changes whenever the secret is replaced, but not when it is renewed. So the token costs no write, is another one
/// after sign-in, and survives renewal. Nobody can try a guess at those 64 bits but by requests of the victim's own browser.
/// Whoever reads the store can make the token, as in frameworks that keep it there; the check of origins is still before them
/// then. The cookie's secret, which the store does not have, is no better start: renewal replaces it under forms that are open.
#[derive(Clone)]
pub struct CsrfToken {
    mask: [u8; LEN],
    masked: [u8; LEN],
}

impl CsrfToken {
    /// The name of the form field: `csrf_token`.
    pub const FIELD: &'static str = "csrf_token";

    /// The name of the header, for requests that are no forms: `x-csrf-token`.
    pub const HEADER: &'static str = "x-csrf-token";

    #[cfg(feature = "axum")]
    pub(super) const TEXT_LEN: usize = (2 * LEN * 8).div_ceil(6);

    /// The token of the session with this ID, for as long as it has this epoch.
    pub(crate) fn new(id: SessionId, epoch: Epoch) -> Self {
        let mask = token::random();
        Self { mask, masked: xor(mask, unmasked(id, epoch)) }
    }

    /// Whether the text is this token under any mask; takes the same time wherever it differs.
    pub(crate) fn is(text: &str, id: SessionId, epoch: Epoch) -> bool {
        let Ok(bytes) = token::decode::<{ 2 * LEN }>(text.as_bytes()) else { return false };
        let [mask, masked] = [0, LEN].map(|start| std::array::from_fn(|at| bytes[start + at]));
        xor(mask, masked).ct_eq(&unmasked(id, epoch)).into()
    }
}

/// Hashed are bytes of fixed lengths, and half of the hash is kept, so that nothing can be appended: a keyed hash does no more.
fn unmasked(id: SessionId, epoch: Epoch) -> [u8; LEN] {
    let hash = Sha256::new_with_prefix(PURPOSE).chain_update(id.as_bytes()).chain_update(epoch.as_bytes()).finalize();
    std::array::from_fn(|at| hash[at])
}

fn xor(mask: [u8; LEN], bytes: [u8; LEN]) -> [u8; LEN] {
    std::array::from_fn(|at| mask[at] ^ bytes[at])
}

impl fmt::Display for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode([self.mask, self.masked].concat()))
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(..)")
    }
}
