//! Tokens in a header, alone or after a scheme.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, header};

use super::Presented;
use crate::token::Token;

#[derive(Debug)]
pub(crate) struct HeaderCarrier {
    name: HeaderName,
    scheme: Option<Cow<'static, str>>,
}

impl HeaderCarrier {
    pub(super) fn new(name: &str, scheme: Option<Cow<'static, str>>) -> Result<Self, String> {
        let name: HeaderName = name.parse().map_err(|_| format!("`{name}` is not a header name"))?;
        if name == header::COOKIE || name == header::SET_COOKIE {
            return Err(format!("the header `{name}` is for `Transport::Cookie`"));
        }
        match scheme {
            Some(scheme)
                if scheme.is_empty() || !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') =>
            {
                Err(format!("`{scheme}` is not an authorization scheme: use letters, digits and `-`, or `None`"))
            }
            scheme => Ok(Self { name, scheme }),
        }
    }

    pub(super) fn name(&self) -> &HeaderName {
        &self.name
    }

    pub(super) fn read(&self, value: &[u8], presented: &mut Presented) {
        let text = match &self.scheme {
            Some(scheme) => after_scheme(value, scheme.as_bytes()),
            None => Some(value),
        };
        if let Some(text) = text {
            presented.add(text.trim_ascii());
        }
    }

    pub(super) fn value(&self, token: Token) -> HeaderValue {
        let text = match &self.scheme {
            Some(scheme) => format!("{scheme} {token}"),
            None => token.to_string(),
        };
        let mut value = HeaderValue::try_from(text).expect("a scheme and base64url are header text");
        value.set_sensitive(true);
        value
    }
}

/// Schemes are matched in any case (RFC 9110, 11.1).
fn after_scheme<'a>(value: &'a [u8], scheme: &[u8]) -> Option<&'a [u8]> {
    let value = value.trim_ascii_start();
    let (first, rest) = value.split_at_checked(scheme.len())?;
    (first.eq_ignore_ascii_case(scheme) && rest.first() == Some(&b' ')).then_some(rest)
}
