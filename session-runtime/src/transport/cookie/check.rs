//! What browsers would refuse or misread of a cookie, and what to do instead (RFC 6265bis).

use super::{CookieOptions, SameSite};
use crate::token::MAX_TOKEN_TEXT_LEN;

/// Browsers ignore cookies whose name and value are longer, and attributes that are longer (RFC 6265bis, 5.6).
const MAX_PAIR: usize = 4096;
const MAX_ATTRIBUTE: usize = 1024;

/// The longest name of a host, and of a part of it (RFC 1035, 2.3.4).
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

impl CookieOptions {
    pub(super) fn check(&self) -> Result<(), String> {
        self.check_name()?;
        self.check_path()?;
        self.check_domain()?;
        self.check_secure()?;
        self.check_prefix()
    }

    fn check_name(&self) -> Result<(), String> {
        let name = &self.name;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err(format!("`{name}` is not a cookie name: use letters, digits, `-` and `_`"));
        }
        let most = MAX_PAIR - MAX_TOKEN_TEXT_LEN;
        if name.len() > most {
            return Err(format!("the cookie's name is too long for browsers: use at most {most} characters"));
        }
        Ok(())
    }

    fn check_path(&self) -> Result<(), String> {
        let path = &self.path;
        if !path.starts_with('/') {
            return Err(format!("the cookie's path `{path}` must begin with `/`"));
        }
        if path.len() > MAX_ATTRIBUTE || !path.bytes().all(is_path_byte) {
            return Err(format!(
                "`{path}` can't be a cookie's path: use at most {MAX_ATTRIBUTE} ASCII characters without `;`, spaces and \
                 control characters, and others as `%…`"
            ));
        }
        Ok(())
    }

    fn check_domain(&self) -> Result<(), String> {
        let Some(domain) = &self.domain else { return Ok(()) };
        if domain.is_empty() {
            return Err("the cookie's domain is empty: leave it out for this host alone".into());
        }
        if let Some(without) = domain.strip_prefix('.') {
            return Err(format!("the cookie's domain `{domain}` begins with a dot: write `{without}`"));
        }
        if is_address(domain) {
            return Err(format!("the cookie's domain `{domain}` is an address: leave it out for this host alone"));
        }
        if domain.len() > MAX_DOMAIN || !domain.split('.').all(is_label) {
            return Err(format!(
                "`{domain}` is not a domain: use letters, digits, `-` and `.`, such as `example.com`, and `xn--…` for others"
            ));
        }
        Ok(())
    }

    fn check_secure(&self) -> Result<(), String> {
        if self.secure {
            return Ok(());
        }
        if self.same_site == SameSite::None {
            return Err("`SameSite=None` needs `Secure`: leave `secure(false)` out, or choose `SameSite::Lax`".into());
        }
        if self.partitioned {
            return Err("`Partitioned` needs `Secure`: leave `secure(false)` or `partitioned(true)` out".into());
        }
        Ok(())
    }

    /// Browsers compare prefixes in any case (RFC 6265bis, 5.4). That `__Http-` and `__Host-Http-` ask for `HttpOnly` (layered
    /// cookies, "Cookie Name Prefixes") needs no check: it is always set.
    fn check_prefix(&self) -> Result<(), String> {
        let Self { name, path, domain, secure, .. } = self;
        let has = |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        // `__Host-Http-` too.
        let host = has("__Host-");
        if (host || has("__Secure-") || has("__Http-")) && !secure {
            return Err(format!(
                "browsers refuse a cookie named `{name}` without `Secure`: for plain HTTP choose a name without prefix, such as \
                 `session`, or begin with `CookieOptions::plain_http()`"
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

/// What a path in an address can have; browsers would cut spaces off its end.
fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b';'
}

fn is_label(label: &str) -> bool {
    let is_edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = label.as_bytes();
    bytes.len() <= MAX_LABEL
        && is_edge(bytes.first())
        && is_edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// A last part of digits alone makes an IPv4 address for browsers (URL standard), and only IPv6 has colons.
fn is_address(domain: &str) -> bool {
    let last = domain.rsplit('.').next().unwrap_or_default();
    domain.contains(':') || !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit())
}
