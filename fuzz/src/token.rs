//! Texts that may be tokens or session IDs.

use std::str;

use session_runtime::{SessionId, Token};

/// No text makes parsing panic, and what parses has this one spelling.
pub fn run(bytes: &[u8]) {
    if let Some(id) = bytes.first_chunk() {
        let id = SessionId::from_bytes(*id);
        assert_eq!(id.to_string().parse(), Ok(id));
    }
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(id) = text.parse::<SessionId>() {
        assert_eq!(id.to_string(), text);
    }
    if let Ok(token) = text.parse::<Token>() {
        assert_eq!(token.to_string(), text);
        assert_eq!(token.id().to_string()[..21], text[..21]);
        // The last 21 characters are of the secret alone. The ID may be shown, and may be the same here.
        let shown = format!("{token:?}").replace(&token.id().to_string(), "");
        assert!(!shown.contains(&text[22..]), "{shown}");
    }
}
