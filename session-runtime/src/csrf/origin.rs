//! Which pages may cause requests, by what browsers say of them.

use std::str;

use http::uri::Uri;
use http::{HeaderMap, HeaderName, Method, Request, header};

/// What browsers say about how the page that causes a request is related to this service. No page can forge it.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins besides a service's own whose pages may cause requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Origins(Vec<String>);

impl Origins {
    pub(super) fn trust(&mut self, origin: &str) -> Result<(), String> {
        check(origin)?;
        self.0.push(origin.to_owned());
        Ok(())
    }

    /// Whether this service, a trusted origin or no page at all has caused the request, or it does no harm.
    ///
    /// `Sec-Fetch-Site` decides, which all browsers send since 2023 over HTTPS and to localhost. In its place `Origin` must be
    /// that of the service's host. Who sends neither is no browser, and carries nobody's cookie but its own.
    pub(super) fn admit<B>(&self, request: &Request<B>) -> bool {
        let is_safe = request.method().is_safe();
        let opens_socket = opens_socket(request);
        if is_safe && !opens_socket {
            return true;
        }
        let origin = only(request.headers(), &header::ORIGIN);
        let is_own = || origin.is_some_and(|origin| is_of_host(origin, host(request)));
        match only(request.headers(), &SEC_FETCH_SITE) {
            Some(b"same-origin" | b"none") => true,
            // With WebSockets it is not to be relied on, but all browsers send `Origin` with them (RFC 6455, 4.1).
            Some(_) => opens_socket && is_own() || self.trusts(origin),
            None => origin.is_none() || is_own() || self.trusts(origin),
        }
    }

    fn trusts(&self, origin: Option<&[u8]>) -> bool {
        origin.is_some_and(|origin| self.0.iter().any(|trusted| trusted.as_bytes() == origin))
    }
}

/// Whether it opens a WebSocket: over HTTP/2 and HTTP/3 that is another method (RFC 8441).
pub(super) fn opens_socket<B>(request: &Request<B>) -> bool {
    let method = request.method();
    method == Method::CONNECT || method.is_safe() && request.headers().contains_key(header::UPGRADE)
}

/// The header's value; of one that came several times, nothing that could be right.
fn only<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let mut values = headers.get_all(name).iter();
    let first = values.next()?;
    Some(if values.next().is_none() { first.as_bytes() } else { b"" })
}

/// What the visitor calls this service: HTTP/2 has it in the address.
fn host<B>(request: &Request<B>) -> Option<&[u8]> {
    let authority = request.uri().authority().map(|authority| authority.as_str().as_bytes());
    authority.or_else(|| only(request.headers(), &header::HOST))
}

/// Whether the origin is at that host and port. The scheme can't be compared, as proxies speak HTTP to services behind HTTPS.
fn is_of_host(origin: &[u8], host: Option<&[u8]>) -> bool {
    let Some((scheme, authority)) = str::from_utf8(origin).ok().and_then(|origin| origin.split_once("://")) else {
        return false;
    };
    let host = host.and_then(|host| str::from_utf8(host).ok()).unwrap_or_default();
    // Browsers leave out the usual port, some proxies put it in.
    let host = default_port(scheme).and_then(|port| host.strip_suffix(port)).unwrap_or(host);
    !authority.is_empty() && authority.eq_ignore_ascii_case(host)
}

fn default_port(scheme: &str) -> Option<&'static str> {
    match scheme {
        "http" => Some(":80"),
        "https" => Some(":443"),
        _ => None,
    }
}

/// An origin must be spelt as browsers spell it, or it would never be met (RFC 6454, 6.2).
fn check(origin: &str) -> Result<(), String> {
    let uri: Uri = origin.parse().map_err(|_| malformed(origin))?;
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else { return Err(malformed(origin)) };
    let port = uri.port_u16().map(|port| format!(":{port}")).unwrap_or_default();
    let is_host_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
    let has_more = format!("{scheme}://{host}{port}") != origin;
    if has_more || !host.bytes().all(is_host_byte) || origin.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(malformed(origin));
    }
    if default_port(scheme) == Some(&*port) {
        return Err(format!("browsers leave out the usual port: write `{scheme}://{host}`, not `{origin}`"));
    }
    Ok(())
}

fn malformed(origin: &str) -> String {
    format!(
        "`{origin}` is not an origin as browsers write it: write the scheme, the host and, unless it is the usual one, the \
         port, in lower case and with nothing behind, such as `https://shop.example`"
    )
}
