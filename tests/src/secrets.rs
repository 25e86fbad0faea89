//! Secrets, searched for in every spelling.

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use session_runtime::Token;

/// The length of a session's ID: what comes after it in a token is secret.
const ID: usize = 16;

/// Where the secret of one of these tokens is in the bytes: itself, or as hexadecimal digits, base64, base64url, or the list of
/// numbers that Rust prints. The part of the text where it was found, without the secret.
pub fn find_secret(tokens: &[Token], bytes: &[u8]) -> Option<String> {
    let spellings: Vec<_> = tokens.iter().flat_map(|token| spellings(&secret(token))).collect();
    if spellings.is_empty() {
        return None;
    }
    let found = AhoCorasick::new(&spellings).unwrap().find(bytes)?;
    let before = &bytes[found.start().saturating_sub(200)..found.start()];
    Some(format!("a secret follows {:?}", String::from_utf8_lossy(before)))
}

/// Whether one of these is in the bytes.
pub fn has_any(bytes: &[u8], parts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> bool {
    AhoCorasick::new(parts).unwrap().is_match(bytes)
}

/// The secret half of a token.
pub fn secret(token: &Token) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(token.to_string()).unwrap()[ID..].to_vec()
}

fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let numbers = secret.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let mut spellings = vec![secret.to_vec(), hexadecimal.to_uppercase().into(), hexadecimal.into(), numbers.into()];
    for alphabet in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
        spellings.extend((0..3).map(|before| in_the_middle(alphabet, before, secret)));
    }
    spellings
}

/// The secret in base64 with so many bytes before it: only the characters that are made of nothing else.
fn in_the_middle(alphabet: &GeneralPurpose, before: usize, secret: &[u8]) -> Vec<u8> {
    let text = alphabet.encode([&vec![0; before], secret].concat());
    let first = (before * 8).div_ceil(6);
    let last = (before + secret.len()) * 8 / 6;
    text.as_bytes()[first..last].to_vec()
}

#[cfg(test)]
mod tests {
    use session_runtime::{MemoryStore, SessionManager};

    use super::*;

    #[tokio::test]
    async fn each_spelling_is_found_wherever_it_is() {
        let session = SessionManager::<crate::Shop>::new(MemoryStore::new()).start();
        session.set_count(1).await.unwrap();
        let (token, other) = (session.token().unwrap(), crate::forged_token().await);
        let secret = secret(&token);
        let hexadecimal: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
        for text in [
            token.to_string().into_bytes(),
            secret.clone(),
            format!("{secret:?}").into_bytes(),
            hexadecimal.to_uppercase().into_bytes(),
            hexadecimal.into_bytes(),
            STANDARD_NO_PAD.encode(&secret).into_bytes(),
            STANDARD_NO_PAD.encode([b"x", &secret[..], b"y"].concat()).into_bytes(),
            URL_SAFE_NO_PAD.encode([b"xx", &secret[..]].concat()).into_bytes(),
        ] {
            let text = [b"before ", &text[..], b" after"].concat();
            assert!(find_secret(&[other, token], &text).is_some(), "{}", String::from_utf8_lossy(&text));
            assert!(find_secret(&[other], &text).is_none());
        }
        assert!(find_secret(&[], b"text").is_none());
    }
}
