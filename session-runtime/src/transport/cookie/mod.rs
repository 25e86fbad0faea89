//! Tokens in a cookie: its options, its text, and what of it browsers accept (RFC 6265bis).

use std::borrow::Cow;
use std::time::Duration;

use cookie::{Cookie, CookieBuilder};
use http::HeaderValue;

use super::Presented;
use crate::token::{MAX_TOKEN_TEXT_LEN, Token};

/// Browsers keep a cookie for at most 400 days (RFC 6265bis, 5.5).
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// Browsers ignore cookies whose name and value are longer, and attributes that are longer (RFC 6265bis, 5.6).
const MAX_PAIR: usize = 4096;
const MAX_ATTRIBUTE: usize = 1024;

/// Which requests from other sites carry the cookie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Only when somebody follows a link.
    #[default]
    Lax,
    /// All; needs `Secure`.
    None,
}

/// A session cookie's name and attributes; what they have to be for browsers is checked when the manager is built.
///
/// By default `__Host-session` with `Secure; HttpOnly; SameSite=Lax; Path=/`. The prefix `__Host-` lets browsers take the
/// cookie only over HTTPS (or from localhost, in most) and from this very host. `HttpOnly` is always set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct CookieOptions {
    name: Cow<'static, str>,
    path: Cow<'static, str>,
    domain: Option<Cow<'static, str>>,
    secure: bool,
    same_site: SameSite,
    partitioned: bool,
}

impl Default for CookieOptions {
    fn default() -> Self {
        Self {
            name: "__Host-session".into(),
            path: "/".into(),
            domain: None,
            secure: true,
            same_site: SameSite::Lax,
            partitioned: false,
        }
    }
}

impl CookieOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cookie's name.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = name.into();
        self
    }

    /// The part of the site that gets the cookie: `/`, all of it, unless set.
    pub fn path(mut self, path: impl Into<Cow<'static, str>>) -> Self {
        self.path = path.into();
        self
    }

    /// Lets this domain and all below it have the cookie, instead of this host alone.
    pub fn domain(mut self, domain: impl Into<Cow<'static, str>>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Whether the cookie travels over HTTPS only: yes, unless set. Without it the name must have no `__Host-` or
    /// `__Secure-`.
    pub fn secure(mut self, secure: bool) -> Self {
        self.secure = secure;
        self
    }

    /// Which requests from other sites carry the cookie: [`SameSite::Lax`] unless set.
    pub fn same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = same_site;
        self
    }

    /// Gives the cookie its own jar under each top-level site (CHIPS): for services that are embedded in others' pages.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = partitioned;
        self
    }

    /// What browsers would refuse, and what to do instead.
    fn check(&self) -> Result<(), String> {
        let Self { name, path, domain, secure, same_site, partitioned } = self;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!("`{name}` is not a cookie name: use letters, digits, `-` and `_`"));
        }
        if name.len() + 1 + MAX_TOKEN_TEXT_LEN > MAX_PAIR {
            return Err("the cookie's name is too long for browsers".into());
        }
        if !path.starts_with('/') {
            return Err(format!("the cookie's path `{path}` must begin with `/`"));
        }
        for attribute in [Some(path), domain.as_ref()].into_iter().flatten() {
            if attribute.len() > MAX_ATTRIBUTE || !attribute.bytes().all(is_attribute_byte) {
                return Err(format!(
                    "`{attribute}` can't be a cookie's attribute: it is too long or has `;` or control characters"
                ));
            }
        }
        if domain.as_ref().is_some_and(|domain| domain.is_empty()) {
            return Err("the cookie's domain is empty: leave it out for this host alone".into());
        }
        if *same_site == SameSite::None && !secure {
            return Err("`SameSite=None` needs `Secure`".into());
        }
        if *partitioned && !secure {
            return Err("`Partitioned` needs `Secure`".into());
        }
        self.check_prefix()
    }

    /// Browsers compare prefixes in any case (RFC 6265bis, 5.4).
    fn check_prefix(&self) -> Result<(), String> {
        let Self { name, path, domain, secure, .. } = self;
        let has = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let host = has("__Host-");
        if (host || has("__Secure-") || has("__Http-")) && !secure {
            return Err(format!(
                "browsers refuse a cookie named `{name}` without `Secure`: for plain HTTP choose a name without prefix, such as `session`"
            ));
        }
        if host && domain.is_some() {
            return Err(format!(
                "browsers refuse a cookie named `{name}` with a domain: leave the domain out or rename it to `__Secure-…`"
            ));
        }
        if host && path != "/" {
            return Err(format!(
                "browsers refuse a cookie named `{name}` with the path `{path}`: use `/` or rename it to `__Secure-…`"
            ));
        }
        Ok(())
    }
}

/// The characters of a cookie's name: an RFC 9110 token.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_attribute_byte(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && byte != b';'
}

/// Options that were checked.
#[derive(Debug, Default)]
pub(crate) struct CookieCarrier(CookieOptions);

impl CookieCarrier {
    pub(super) fn new(options: CookieOptions) -> Result<Self, String> {
        options.check().map(|()| Self(options))
    }

    /// Takes in the cookies of our name in one value of the header `Cookie`. Works on bytes: others' cookies may be anything.
    pub(super) fn read(&self, header: &[u8], presented: &mut Presented) {
        for pair in header.split(|byte| *byte == b';') {
            let pair = pair.trim_ascii();
            let value = pair.strip_prefix(self.0.name.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
            if let Some(value) = value {
                presented.add(value);
            }
        }
    }

    pub(super) fn set(&self, token: Token, max_age: Option<Duration>) -> HeaderValue {
        let max_age = max_age.map(|age| i64::try_from(age.min(MAX_AGE).as_secs()).unwrap_or(i64::MAX));
        let mut value = self.header(token.to_string(), max_age);
        value.set_sensitive(true);
        value
    }

    /// The same cookie, empty and at its end: browsers remove what has the same name, domain, path and partition.
    pub(super) fn removal(&self) -> HeaderValue {
        self.header(String::new(), Some(0))
    }

    fn header(&self, value: String, max_age: Option<i64>) -> HeaderValue {
        let CookieOptions { name, path, domain, secure, same_site, partitioned } = &self.0;
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
        if let Some(seconds) = max_age {
            cookie = cookie.max_age(cookie::time::Duration::seconds(seconds));
        }
        let cookie: Cookie<'_> = cookie.build();
        HeaderValue::try_from(cookie.to_string()).expect("options were checked to be header text")
    }
}
