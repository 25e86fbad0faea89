//! Requests with any headers and bodies, through the layers that refuse what other sites cause.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::UNIX_EPOCH;

use axum_core::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Body as HttpBody, Frame};
use session_runtime::testing::{FaultyStore, ManualClock};
use session_runtime::{CsrfError, MemoryStore, SessionData, SessionManager};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::input::Input;
use crate::ready;

const TRUSTED: &str = "https://pay.example";
const FORM_LIMIT: usize = 256;
const HEADERS: [&str; 7] =
    ["sec-fetch-site", "origin", "host", "content-type", "x-csrf-token", "upgrade", "content-length"];

#[derive(SessionData)]
struct Data {
    count: u64,
}

/// Answers with the body that it got.
#[derive(Clone)]
struct Echo;

impl Service<Request<Body>> for Echo {
    type Response = Response<Vec<u8>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let mut body = pin!(request.into_body());
            let mut whole = Vec::new();
            while let Some(frame) = std::future::poll_fn(|cx| body.as_mut().poll_frame(cx)).await {
                whole.extend(frame.expect("the body is whole").into_data().expect("there are no trailers"));
            }
            Ok(Response::new(whole))
        })
    }
}

/// A body in pieces.
struct Pieces(VecDeque<Bytes>);

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|piece| Ok(Frame::data(piece))))
    }
}

/// Hostile headers and forms cause no panic and no error. Just those requests pass that the documentation says, with every byte
/// of their bodies. What another origin causes costs no call of the store.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let with_tokens = input.flag();
    let has_session = input.flag();
    let method = input.of(&[Method::POST, Method::GET, Method::DELETE, Method::OPTIONS]).clone();

    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Data>::builder(store.clone()).clock(ManualClock::at(UNIX_EPOCH));
    let sessions = sessions.build().expect("the settings are good");
    let session = sessions.start();
    ready(session.set_count(7)).expect("the store works");
    let token = ready(session.csrf_token()).expect("the store works").expect("there is a session").to_string();
    let cookie = format!("__Host-session={}", session.token().expect("there is a session"));
    store.forget();

    let mut request = Request::builder().method(&method).uri("/").body(Body::empty()).expect("a request");
    if has_session {
        request.headers_mut().insert("cookie", cookie.parse().expect("a value"));
    }
    for _ in 0..input.below(6) {
        let name = *input.of(&HEADERS);
        let length = usize::from(input.byte() % 48);
        if let Ok(value) = HeaderValue::from_bytes(&expand(input.take(length), &token)) {
            request.headers_mut().append(name, value);
        }
    }
    let mut pieces = VecDeque::new();
    while !input.is_empty() {
        let length = usize::from(input.byte() % 64);
        pieces.push_back(Bytes::from(expand(input.take(length), &token)));
    }
    let sent = pieces.iter().flatten().copied().collect::<Vec<u8>>();
    *request.body_mut() = Body::new(Pieces(pieces));

    let expected = match () {
        () if !may_cause(&method, request.headers()) => Err(CsrfError::CrossOrigin),
        () if with_tokens && has_session && !method.is_safe() => {
            check(request.headers(), &sent, |text| ready(session.verify_csrf(text)).is_ok())
        }
        () => Ok(()),
    };
    store.forget();
    let csrf = sessions.csrf_layer().trusted_origin(TRUSTED).expect("an origin");
    let answer = match with_tokens {
        true => {
            let layer = csrf.require_token().form_limit(FORM_LIMIT);
            ready(sessions.layer().layer(layer.layer(Echo)).call(request))
        }
        false => ready(sessions.layer().layer(csrf.layer(Echo)).call(request)),
    };
    let Ok(response) = answer;
    let refused = response.extensions().get::<CsrfError>().copied();
    match expected {
        Ok(()) => {
            assert_eq!((response.status(), refused), (StatusCode::OK, None));
            assert!(*response.body() == sent, "{:?} for {sent:?}", response.body());
        }
        Err(error) => {
            assert_eq!((response.status(), refused), (error.status(), Some(error)));
            assert!(response.body().is_empty());
            assert!(error != CsrfError::CrossOrigin || store.calls().is_empty(), "{:?}", store.calls());
        }
    }
}

/// Bytes that stand for what the fuzzer would hardly guess.
fn expand(bytes: &[u8], token: &str) -> Vec<u8> {
    let mut value = Vec::new();
    for byte in bytes {
        match byte {
            0 => value.extend(token.bytes()),
            1 => value.extend(b"csrf_token="),
            2 => value.extend(b"application/x-www-form-urlencoded"),
            3 => value.extend(b"same-origin"),
            4 => value.extend(b"cross-site"),
            5 => value.extend(b"https://"),
            6 => value.extend(b"shop.example"),
            7 => value.extend(TRUSTED.bytes()),
            8 => value.extend(b":443"),
            byte => value.push(*byte),
        }
    }
    value
}

/// What the documentation says of whose requests pass, in other words than the library's.
fn may_cause(method: &Method, headers: &HeaderMap) -> bool {
    let all = |name| headers.get_all(name).iter().map(HeaderValue::as_bytes).collect::<Vec<_>>();
    let (sites, origins, hosts) = (all("sec-fetch-site"), all("origin"), all("host"));
    let is_socket = method.is_safe() && headers.contains_key("upgrade");
    let is_at_host = match (&origins[..], &hosts[..]) {
        ([origin], [host]) => is_at_host(origin, host),
        _ => false,
    };
    let is_trusted = origins[..] == [TRUSTED.as_bytes()];
    match &sites[..] {
        _ if method.is_safe() && !is_socket => true,
        [b"same-origin" | b"none"] => true,
        [] => origins.is_empty() || is_at_host || is_trusted,
        _ => is_trusted || is_socket && is_at_host,
    }
}

fn is_at_host(origin: &[u8], host: &[u8]) -> bool {
    let (Ok(origin), Ok(host)) = (str::from_utf8(origin), str::from_utf8(host)) else { return false };
    let Some(at) = origin.find("://") else { return false };
    let usual = match &origin[..at] {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let (authority, host) = (origin[at + 3..].to_ascii_lowercase(), host.to_ascii_lowercase());
    !authority.is_empty() && authority == host.strip_suffix(usual).unwrap_or(&host)
}

/// The same of tokens.
fn check(headers: &HeaderMap, body: &[u8], is_token: impl Fn(&str) -> bool) -> Result<(), CsrfError> {
    let is_its = |text: &[u8]| str::from_utf8(text).is_ok_and(&is_token);
    let verdict = |text: &[u8]| if is_its(text) { Ok(()) } else { Err(CsrfError::WrongToken) };
    if let Some(value) = headers.get("x-csrf-token") {
        return verdict(value.as_bytes());
    }
    let kind = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.split(';').next().map(|kind| kind.trim().to_ascii_lowercase()).as_deref()
        != Some("application/x-www-form-urlencoded")
    {
        return Err(CsrfError::MissingToken);
    }
    let mut end = 0;
    for field in body.split(|byte| *byte == b'&') {
        end += field.len();
        if let Some(text) = field.strip_prefix(b"csrf_token=") {
            // Known to be over by the separator, or by the end of the form.
            let read = if end == body.len() { end } else { end + 1 };
            return if read <= FORM_LIMIT { verdict(text) } else { Err(CsrfError::TooLarge { limit: FORM_LIMIT }) };
        }
        end += 1;
    }
    Err(if body.len() <= FORM_LIMIT { CsrfError::MissingToken } else { CsrfError::TooLarge { limit: FORM_LIMIT } })
}
