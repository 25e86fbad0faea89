//! Every configuration of the cookie, by the grammar of RFC 6265bis and by what browsers do.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use axum::{Router, http};
use proptest::prelude::*;
use session_runtime::{CookieOptions, MemoryStore, SameSite, Session, SessionManager};
use session_tests::Shop;
use tower::ServiceExt as _;

/// A `Set-Cookie`, read by the grammar for servers (4.1.1), with one space after each semicolon.
#[derive(Debug)]
struct SetCookie<'t> {
    name: &'t str,
    value: &'t str,
    /// By their names in lower case, each once.
    attributes: BTreeMap<String, Option<&'t str>>,
}

fn parse(text: &str) -> Result<SetCookie<'_>, String> {
    let mut parts = text.split("; ");
    let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).ok_or("no pair")?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?={}".contains(&byte)) {
        return Err(format!("the name {name:?} is no token"));
    }
    if !value.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)) {
        return Err(format!("the value {value:?} has other characters"));
    }
    if name.len() + value.len() > 4096 {
        return Err("the pair is too long".to_owned());
    }
    let mut attributes = BTreeMap::new();
    for part in parts {
        let (name, value) = part.split_once('=').map_or((part, None), |(name, value)| (name, Some(value)));
        check_attribute(name, value)?;
        if attributes.insert(name.to_ascii_lowercase(), value).is_some() {
            return Err(format!("{name} comes twice"));
        }
    }
    Ok(SetCookie { name, value, attributes })
}

fn check_attribute(name: &str, value: Option<&str>) -> Result<(), String> {
    let is_valid = match (name, value) {
        ("Secure" | "HttpOnly" | "Partitioned", None) => true,
        ("SameSite", Some(value)) => ["Strict", "Lax", "None"].contains(&value),
        ("Max-Age", Some(digits)) => !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()),
        ("Path", Some(path)) => {
            path.trim() == path && path.bytes().all(|byte| matches!(byte, 0x20..=0x3a | 0x3c..=0x7e))
        }
        ("Domain", Some(domain)) => domain.split('.').all(is_label),
        _ => false,
    };
    let fits = value.is_none_or(|value| value.len() <= 1024);
    if is_valid && fits { Ok(()) } else { Err(format!("{name}={value:?}")) }
}

/// RFC 1034, 3.5, with the digits of RFC 1123, 2.1.
fn is_label(label: &str) -> bool {
    let inner = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    inner && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
}

impl SetCookie<'_> {
    fn has(&self, attribute: &str) -> bool {
        self.attributes.contains_key(attribute)
    }

    fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).copied().flatten()
    }
}

/// Whether browsers keep a cookie that is set over HTTPS by a host of the domain (5.7, with CHIPS and the prefixes of layered
/// cookies).
fn is_kept(cookie: &SetCookie<'_>) -> bool {
    let name = cookie.name.to_ascii_lowercase();
    let secure = cookie.has("secure");
    let for_host = cookie.get("path") == Some("/") && !cookie.has("domain");
    let as_named = match name {
        name if name.starts_with("__host-http-") => secure && for_host && cookie.has("httponly"),
        name if name.starts_with("__host-") => secure && for_host,
        name if name.starts_with("__http-") => secure && cookie.has("httponly"),
        name if name.starts_with("__secure-") => secure,
        _ => true,
    };
    let needs_secure = cookie.get("samesite") == Some("None") || cookie.has("partitioned");
    as_named && (secure || !needs_secure)
}

/// The headers of a session's first response and of its removal; `None` where the options were refused.
async fn headers(options: CookieOptions) -> Option<[String; 2]> {
    let sessions = SessionManager::<Shop>::builder(MemoryStore::new()).cookie(options).build().ok()?;
    let set = async |session: Session<Shop>| session.set_count(1).await;
    let destroy = async |session: Session<Shop>| session.destroy().await;
    let routes = Router::new().route("/set", get(set)).route("/destroy", get(destroy)).layer(sessions.layer());
    let first = set_cookie(&routes, "/set", "").await;
    let pair = first.split(';').next().unwrap();
    let removal = set_cookie(&routes, "/destroy", pair).await;
    Some([first, removal])
}

async fn set_cookie(routes: &Router, path: &str, cookie: &str) -> String {
    let request = Request::get(path).header(http::header::COOKIE, cookie).body(Body::empty()).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    response.headers()[http::header::SET_COOKIE].to_str().unwrap().to_owned()
}

/// Every combination of settings is refused exactly where browsers would refuse its cookie, and a removal removes it.
#[tokio::test]
async fn every_combination_is_as_browsers_take_it() {
    let names = [
        "sid",
        "__Host-s",
        "__hOSt-s",
        "__Secure-s",
        "__SECURE-s",
        "__Http-s",
        "__http-s",
        "__Host-Http-s",
        "__HOST-http-s",
    ];
    let flags = [true, false];
    let mut accepted = 0;
    for name in names {
        for (secure, partitioned) in flags.into_iter().flat_map(|secure| flags.map(|partitioned| (secure, partitioned)))
        {
            for same_site in [SameSite::Strict, SameSite::Lax, SameSite::None] {
                for (path, domain) in
                    [("/", None), ("/shop", None), ("/", Some("example.com")), ("/shop", Some("example.com"))]
                {
                    let options = CookieOptions::new().name(name).path(path).secure(secure);
                    let options = options.partitioned(partitioned).same_site(same_site);
                    let options = domain.into_iter().fold(options, CookieOptions::domain);
                    let mut text = format!("{name}=x; HttpOnly; SameSite={same_site:?}; Path={path}");
                    domain.iter().for_each(|domain| text.push_str(&format!("; Domain={domain}")));
                    [("Secure", secure), ("Partitioned", partitioned)].iter().filter(|flag| flag.1).for_each(|flag| {
                        text.push_str(&format!("; {}", flag.0));
                    });
                    let wanted = parse(&text).unwrap();
                    let made = headers(options).await;
                    assert_eq!(made.is_some(), is_kept(&wanted), "{text}");
                    let Some([first, removal]) = made else { continue };
                    let (first, mut removal) = (parse(&first).unwrap(), parse(&removal).unwrap());
                    assert_eq!(first.attributes, wanted.attributes);
                    assert_eq!((removal.name, removal.value, removal.get("max-age")), (name, "", Some("0")));
                    removal.attributes.remove("max-age");
                    assert_eq!(removal.attributes, first.attributes, "{text}");
                    accepted += 1;
                }
            }
        }
    }
    assert!(accepted > 0);
}

proptest! {
    /// Whatever the texts are: refused, or a header that says just that, in the grammar and within browsers' limits.
    #[test]
    fn accepted_options_make_a_valid_header(
        name in "(__Secure-|__Http-|)[ -~]{0,20}|[a-z]{4040,4060}",
        path in "/?[ -~äß]{0,20}|/[a-z]{1015,1030}",
        domain in prop::option::of("[ -~]{0,20}|([a-z0-9-]{1,4}\\.){0,3}[a-z]{1,3}|[a-z]{60,70}\\.x"),
    ) {
        let options = CookieOptions::new().name(name.clone()).path(path.clone());
        let options = domain.iter().cloned().fold(options, CookieOptions::domain);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        if let Some(texts) = runtime.block_on(headers(options)) {
            for text in &texts {
                let cookie = parse(text).map_err(|error| TestCaseError::fail(format!("{error}: {text}")))?;
                prop_assert!(is_kept(&cookie), "{}", text);
                prop_assert_eq!(cookie.name, &name);
                prop_assert_eq!(cookie.get("path"), Some(&*path));
                prop_assert_eq!(cookie.get("domain"), domain.as_deref());
                prop_assert!(cookie.has("httponly") && cookie.has("secure"));
            }
        }
    }
}
