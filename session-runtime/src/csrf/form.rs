//! The token's field in a form that arrives in pieces (`application/x-www-form-urlencoded`).

use http::{HeaderMap, header};

use super::CsrfToken;

/// As much of a field as is looked at: its name, `=`, and one more character than a token has.
const LONGEST: usize = CsrfToken::FIELD.len() + 1 + CsrfToken::TEXT_LEN + 1;

/// Whether the request's body is such a form.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

/// Looks for the field while the form arrives. It is written as every encoder writes it: none escapes anything in its name or
/// in a token.
#[derive(Debug, Default)]
pub(super) struct Finder {
    /// The beginning of the field that is arriving.
    field: Vec<u8>,
}

impl Finder {
    /// Takes in the next bytes. Gives the token's text when its field is complete: that of the first such field.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<String> {
        let mut pieces = bytes.split(|byte| *byte == b'&');
        self.append(pieces.next().unwrap_or_default());
        for piece in pieces {
            if let Some(token) = self.end() {
                return Some(token);
            }
            self.append(piece);
        }
        None
    }

    /// The form is over, or at least its present field.
    pub(super) fn end(&mut self) -> Option<String> {
        let field = std::mem::take(&mut self.field);
        let value = field.strip_prefix(CsrfToken::FIELD.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    }

    fn append(&mut self, piece: &[u8]) {
        let room = LONGEST - self.field.len();
        self.field.extend_from_slice(&piece[..piece.len().min(room)]);
    }
}
