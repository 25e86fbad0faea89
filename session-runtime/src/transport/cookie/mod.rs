//! Tokens in a cookie: its options, its text, and what of it browsers accept (RFC 6265bis).

use std::time::Duration;

use cookie::{Cookie, CookieBuilder};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::Presented;
use crate::token::Token;

mod check;
mod options;
mod site_data;

pub use options::{CookieOptions, SameSite};
pub use site_data::SiteData;

/// Browsers keep a cookie for at most 400 days (RFC 6265bis, 5.5).
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

/// Options that were checked.
#[derive(Debug)]
pub(crate) struct CookieCarrier {
    options: CookieOptions,
    /// What follows the value, of a cookie that ends with the browser's session: always the same.
    attributes: String,
}

impl CookieCarrier {
    pub(super) fn new(options: CookieOptions) -> Result<Self, String> {
        options.check().map(|()| Self::of(options))
    }

    fn of(options: CookieOptions) -> Self {
        let attributes = text(&options, String::new(), None).split_off(options.name.len() + "=".len());
        Self { options, attributes }
    }

    /// Takes in the cookies of our name in one value of the header `Cookie`. Works on bytes: others' cookies may be anything.
    pub(super) fn read(&self, header: &[u8], presented: &mut Presented) {
        let mut rest = Some(header);
        while let Some(pairs) = rest {
            let pairs = pairs.trim_ascii_start();
            let end = memchr::memchr(b';', pairs);
            let value = pairs.strip_prefix(self.options.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            if let Some(value) = value {
                let length = end.map_or(value.len(), |end| end - (pairs.len() - value.len()));
                presented.add(value[..length].trim_ascii_end());
            }
            rest = end.map(|end| &pairs[end + 1..]);
        }
    }

    /// Whether every session's cookie outlives the browser.
    pub(super) fn is_persistent(&self) -> bool {
        self.options.persistent
    }

    pub(super) fn set(&self, token: Token, max_age: Option<Duration>, headers: &mut HeaderMap) {
        let token = token.to_string();
        let mut value = header_value(match max_age {
            None => [&*self.options.name, "=", &token, &self.attributes].concat(),
            Some(age) => text(&self.options, token, Some(age.min(MAX_AGE))),
        });
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }

    /// Sends the same cookie, empty and at its end: browsers remove what has the same name, domain, path and partition; and
    /// whatever else they shall forget.
    pub(super) fn remove(&self, headers: &mut HeaderMap) {
        headers.append(header::SET_COOKIE, header_value(text(&self.options, String::new(), Some(Duration::ZERO))));
        if let Some(value) = SiteData::header(&self.options.clear_site_data) {
            headers.append(CLEAR_SITE_DATA, value);
        }
    }
}

impl Default for CookieCarrier {
    fn default() -> Self {
        Self::of(CookieOptions::default())
    }
}

/// The text of the cookie with this value.
fn text(options: &CookieOptions, value: String, max_age: Option<Duration>) -> String {
    let CookieOptions { name, path, domain, secure, same_site, partitioned, .. } = options;
    let mut cookie = CookieBuilder::new(&**name, value)
        .path(&**path)
        .secure(*secure)
        .http_only(true)
        .same_site(match same_site {
            SameSite::Strict => cookie::SameSite::Strict,
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::None => cookie::SameSite::None,
        })
        .partitioned(*partitioned);
    if let Some(domain) = domain {
        cookie = cookie.domain(&**domain);
    }
    if let Some(age) = max_age {
        let seconds = i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
        cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
    }
    let cookie: Cookie<'_> = cookie.build();
    cookie.to_string()
}

fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).expect("options were checked to be header text")
}
