//! Reading base64url (RFC 4648, 5): each request brings a token, of which the length is known.

use super::ParseTokenError;

/// What stands in [`VALUES`] for a character that stands for nothing. All values have six bits.
const NOTHING: u8 = 0xff;

/// The value of each character.
const VALUES: [u8; 256] = {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut values = [NOTHING; 256];
    let mut value = 0;
    while value < 64 {
        values[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    values
};

/// Reads the text of exactly `N` bytes, without padding and in its one spelling.
pub(crate) fn decode<const N: usize>(text: &[u8]) -> Result<[u8; N], ParseTokenError> {
    // Checked before decoding, so that hostile text costs nothing.
    if text.len() != (N * 8).div_ceil(6) {
        return Err(ParseTokenError(()));
    }
    let mut bytes = [0; N];
    let mut seen = 0;
    let (whole, last) = text.split_at(N / 3 * 4);
    let (three_each, rest) = bytes.split_at_mut(N / 3 * 3);
    for (characters, bytes) in whole.chunks_exact(4).zip(three_each.chunks_exact_mut(3)) {
        let [_, first, second, third] = bits(characters, &mut seen).to_be_bytes();
        (bytes[0], bytes[1], bytes[2]) = (first, second, third);
    }
    let bits = bits(last, &mut seen);
    rest.copy_from_slice(&bits.to_be_bytes()[1..=rest.len()]);
    // The last character may have bits too many, which are none but zeros.
    let unused = bits & (0x00ff_ffff >> (8 * rest.len()));
    if seen == NOTHING || unused != 0 { Err(ParseTokenError(())) } else { Ok(bytes) }
}

/// The bits of up to four characters, in the lower three bytes; notes in `seen` whether one of them stands for nothing.
fn bits(characters: &[u8], seen: &mut u8) -> u32 {
    let mut bits = 0;
    for (at, character) in characters.iter().enumerate() {
        let value = VALUES[usize::from(*character)];
        *seen |= value;
        bits |= u32::from(value) << (18 - 6 * at);
    }
    bits
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::token::random;

    /// What a decoder for every length says of the text.
    fn expected<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
        URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| bytes.try_into().ok())
    }

    fn compare<const N: usize>() {
        let text = URL_SAFE_NO_PAD.encode(random::<N>());
        for at in 0..text.len() {
            for character in 0..=u8::MAX {
                let mut text = text.clone().into_bytes();
                text[at] = character;
                assert_eq!(decode::<N>(&text).ok(), expected(&text), "{text:?}");
            }
            assert!(decode::<N>(&text.as_bytes()[..at]).is_err());
        }
    }

    #[test]
    fn every_character_at_every_place_is_read_as_by_a_general_decoder() {
        compare::<16>();
        compare::<32>();
        compare::<48>();
    }
}
