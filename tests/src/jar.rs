//! A browser's cookie jar that refuses what it must (RFC 6265bis) and what a server must not send, instead of making the best
//! of it as browsers do.

use cookie_store::CookieStore;
use cookie_store::RawCookie;
use url::Url;

const DAY: i64 = 24 * 60 * 60;

/// The cookies of a browser.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    /// Those without `Partitioned`: a cookie with it is another one (CHIPS).
    whole: CookieStore,
    partitioned: CookieStore,
}

impl Jar {
    /// Takes in the values of `Set-Cookie` of a response from this address.
    ///
    /// # Errors
    /// What is wrong with one of them; those before it are kept.
    pub fn receive(&mut self, set_cookies: &[String], from: &Url) -> Result<(), String> {
        let names: Vec<_> = set_cookies.iter().map(|text| text.split('=').next()).collect();
        if (1..names.len()).any(|at| names[..at].contains(&names[at])) {
            return Err(format!("two cookies of one name in a response (4.1.1): {set_cookies:?}"));
        }
        set_cookies.iter().try_for_each(|text| self.keep(text, from).map_err(|why| format!("{why}: {text}")))
    }

    fn keep(&mut self, text: &str, from: &Url) -> Result<(), String> {
        let cookie = strict::parse(text)?;
        strict::check(&cookie, from.scheme() == "https")?;
        let jar = if cookie.partitioned() == Some(true) { &mut self.partitioned } else { &mut self.whole };
        // That a removal finds nothing to remove is no fault of its own.
        let is_removal = cookie.max_age().is_some_and(|age| age.is_zero());
        match jar.insert_raw(&cookie, from) {
            Ok(_) => Ok(()),
            Err(cookie_store::CookieError::Expired) if is_removal => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// The value of `Cookie` in a request to this address.
    pub fn header(&self, to: &Url) -> Option<String> {
        let pairs = [&self.whole, &self.partitioned].into_iter().flat_map(|jar| jar.get_request_values(to));
        let pairs: Vec<_> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.whole.iter_unexpired().chain(self.partitioned.iter_unexpired()).next().is_none()
    }
}

/// What of a `Set-Cookie` is by the grammar for servers (4.1.1), and what browsers keep (5.4 to 5.7).
mod strict {
    use super::{DAY, RawCookie};

    const MOST_IN_PAIR: usize = 4096;
    const MOST_IN_ATTRIBUTE: usize = 1024;

    pub(super) fn parse(text: &str) -> Result<RawCookie<'static>, String> {
        let mut parts = text.split("; ");
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).ok_or("no name")?;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err("the name is not a token".into());
        }
        if !value.bytes().all(is_cookie_octet) {
            return Err("the value has other than cookie-octets".into());
        }
        if name.len() + value.len() > MOST_IN_PAIR {
            return Err("name and value are longer than 4096 octets".into());
        }
        let mut seen = Vec::new();
        for part in parts {
            let (attribute, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
            if !is_well_formed(attribute, value) {
                return Err(format!("`{part}` is no attribute"));
            }
            if seen.contains(&attribute) {
                return Err(format!("`{attribute}` twice"));
            }
            seen.push(attribute);
        }
        RawCookie::parse(text.to_owned()).map_err(|error| error.to_string())
    }

    /// As a server must send it; browsers take it in any case.
    fn is_well_formed(name: &str, value: Option<&str>) -> bool {
        match (name, value) {
            ("Secure" | "HttpOnly" | "Partitioned", None) => true,
            ("SameSite", Some(value)) => ["Strict", "Lax", "None"].contains(&value),
            ("Max-Age", Some(value)) => !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()),
            ("Path", Some(value)) => value.len() <= MOST_IN_ATTRIBUTE && value.bytes().all(is_attribute_byte),
            ("Domain", Some(value)) => value.len() <= MOST_IN_ATTRIBUTE && value.split('.').all(is_label),
            _ => false,
        }
    }

    /// Letters, digits and hyphens, as a name of a host has them.
    fn is_label(label: &str) -> bool {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_part)
            && !label.starts_with('-')
            && !label.ends_with('-')
    }

    fn is_token_byte(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
    }

    fn is_cookie_octet(byte: u8) -> bool {
        matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
    }

    fn is_attribute_byte(byte: u8) -> bool {
        matches!(byte, 0x20..=0x3a | 0x3c..=0x7e)
    }

    /// What browsers refuse, and where they would do less than what was asked of them.
    pub(super) fn check(cookie: &RawCookie<'_>, over_https: bool) -> Result<(), String> {
        let is_set = |flag: Option<bool>| flag == Some(true);
        let (secure, http_only) = (is_set(cookie.secure()), is_set(cookie.http_only()));
        let has =
            |prefix: &str| cookie.name().get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let bound = has("__Host-") && !(secure && cookie.domain().is_none() && cookie.path() == Some("/"));
        let by_http = (has("__Http-") || has("__Host-Http-")) && !(secure && http_only);
        let broken = [
            (secure && !over_https, "`Secure` over plain HTTP"),
            (bound, "`__Host-` without `Secure`, with `Domain`, or with a path that is not `/`"),
            (has("__Secure-") && !secure, "`__Secure-` without `Secure`"),
            (by_http, "`__Http-` without `Secure` and `HttpOnly`"),
            (cookie.same_site().is_some_and(|site| site.is_none()) && !secure, "`SameSite=None` without `Secure`"),
            (is_set(cookie.partitioned()) && !secure, "`Partitioned` without `Secure`"),
            (cookie.max_age().is_some_and(|age| age.whole_seconds() > 400 * DAY), "it lasts more than 400 days"),
        ];
        broken.iter().find(|(is_so, _)| *is_so).map_or(Ok(()), |(_, what)| Err((*what).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receive(jar: &mut Jar, cookies: &[&str]) -> Result<(), String> {
        let cookies: Vec<_> = cookies.iter().map(ToString::to_string).collect();
        jar.receive(&cookies, &"https://shop.example.com/a/".parse().unwrap())
    }

    #[test]
    fn what_a_browser_must_refuse_or_a_server_must_not_send() {
        for cookies in [
            &["=x; Secure"][..],
            &["x"],
            &["a b=x"],
            &["a=x y"],
            &["a=\"x\""],
            &["a=x;Secure"],
            &["a=x; Secure; Secure"],
            &["a=x; secure"],
            &["a=x; SameSite=lax"],
            &["a=x; Max-Age=-1"],
            &["a=x; Max-Age=34560001"],
            &["a=x; Domain="],
            &["a=x; Domain=.example.com"],
            &["a=x; Domain=other.example.com"],
            &["a=x; Version=1"],
            &["a=x; SameSite=None"],
            &["a=x; Partitioned"],
            &["__Secure-a=x"],
            &["__sEcUrE-a=x"],
            &["__Http-a=x; Secure"],
            &["__Host-a=x; Secure"],
            &["__HOST-a=x; Secure; Path=/a"],
            &["__Host-a=x; Secure; Path=/; Domain=example.com"],
            &["__Host-Http-a=x; Secure; Path=/"],
            &["a=x; Secure", "a=y; Secure"],
            &[&format!("a={}", "x".repeat(4096))],
            &[&format!("a=x; Path=/{}", "x".repeat(1024))],
        ] {
            let mut jar = Jar::default();
            let refused = receive(&mut jar, cookies);
            assert!(refused.is_err(), "{cookies:?}");
        }
        let over_http = Jar::default().receive(&["a=x; Secure".to_owned()], &"http://example.com".parse().unwrap());
        assert!(over_http.is_err());
    }

    #[test]
    fn cookies_are_sent_where_they_belong_until_they_are_removed() {
        let mut jar = Jar::default();
        let header = |jar: &Jar, url: &str| jar.header(&url.parse().unwrap()).unwrap_or_default();
        receive(&mut jar, &["a=1; Secure; Path=/", "b=2; Path=/a", "c=3; Domain=example.com; Path=/"]).unwrap();
        receive(&mut jar, &["a=4; Secure; Path=/; Partitioned"]).unwrap();
        for (url, sent) in [
            ("https://shop.example.com/a/b", 4),
            ("https://shop.example.com/b", 3),
            ("http://shop.example.com/a", 2),
            ("https://www.example.com/a", 1),
            ("https://example.org/a", 0),
        ] {
            assert_eq!(header(&jar, url).split("; ").filter(|pair| !pair.is_empty()).count(), sent, "{url}");
        }
        receive(&mut jar, &["a=; Secure; Path=/; Max-Age=0"]).unwrap();
        assert!(header(&jar, "https://shop.example.com/").contains("a=4"), "the partitioned one is another");
        receive(&mut jar, &["a=; Secure; Path=/; Max-Age=0; Partitioned"]).unwrap();
        receive(&mut jar, &["b=; Path=/a; Max-Age=0"]).unwrap();
        assert!(!jar.is_empty());
        receive(&mut jar, &["c=; Path=/; Max-Age=0; Domain=example.com"]).unwrap();
        assert!(jar.is_empty());
    }
}
