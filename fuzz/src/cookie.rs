//! Requests with any headers, through the layer.

use std::future::Future;
use std::pin::Pin;
use std::str;
use std::task::{Context, Poll};
use std::time::UNIX_EPOCH;

use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use session_runtime::testing::{FaultyStore, ManualClock, Operation};
use session_runtime::{MemoryStore, Result, Session, SessionData, SessionError, SessionManager, Token, Transport};
use tower_layer::Layer as _;
use tower_service::Service;

use crate::input::Input;
use crate::ready;

const NAME: &str = "__Host-session";
const MAX_TOKENS: usize = 4;

#[derive(SessionData)]
struct Data {
    count: u64,
}

/// What the handler does with its session, and what its response tells.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Handler {
    Nothing,
    Read,
    Write,
    Destroy,
}

impl Service<Request<()>> for Handler {
    type Response = Response<u64>;
    type Error = SessionError;
    type Future = Pin<Box<dyn Future<Output = Result<Response<u64>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        let handler = *self;
        Box::pin(async move {
            let session = Session::<Data>::from_extensions(request.extensions())?;
            let mut seen = 0;
            match handler {
                Self::Nothing => {}
                Self::Read => seen = session.count().await?,
                Self::Write => session.set_count(8).await?,
                Self::Destroy => session.destroy().await?,
            }
            Ok(Response::new(seen))
        })
    }
}

/// Hostile headers cause no panic and no error; malformed tokens cost no call of the store; whoever presents a token gets the
/// session of that token, and one that nobody issued becomes nobody's.
pub fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let in_cookies = input.flag();
    let handler = *input.of(&[Handler::Read, Handler::Write, Handler::Destroy, Handler::Nothing]);

    let store = FaultyStore::new(MemoryStore::new());
    let transport = if in_cookies { Transport::Cookie } else { Transport::bearer() };
    let sessions =
        SessionManager::<Data>::builder(store.clone()).transport(transport).clock(ManualClock::at(UNIX_EPOCH));
    let sessions = sessions.build().expect("the settings are good");
    let session = sessions.start();
    ready(session.set_count(7)).expect("the store works");
    let valid = session.token().expect("the session is stored");
    store.forget();

    let mut request = Request::new(());
    let carrier = if in_cookies { header::COOKIE } else { header::AUTHORIZATION };
    let other = HeaderName::from_static("x-other");
    while !input.is_empty() {
        let name = if input.below(8) == 7 { &other } else { &carrier };
        let length = 16 * usize::from(input.byte());
        let value = expand(input.take(length), &valid);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            request.headers_mut().append(name, value);
        }
    }
    let values: Vec<_> = request.headers().get_all(&carrier).iter().cloned().collect();
    let tokens = if in_cookies { tokens_in_cookies(&values) } else { tokens_of_bearers(&values) };

    let response = ready(sessions.layer().layer(handler).call(request)).expect("hostile headers are no error");
    let calls = store.calls();
    let is_valid = tokens.contains(&valid);
    assert_eq!(response.status(), StatusCode::OK);
    assert!(handler != Handler::Nothing || calls.is_empty(), "{calls:?} for nothing");
    let loads = calls.iter().filter(|call| **call == Operation::Load).count();
    assert!(loads <= tokens.len(), "{calls:?} for {tokens:?}");

    let sent =
        response.headers().get_all(header::SET_COOKIE).iter().chain(response.headers().get(header::AUTHORIZATION));
    let sent: Vec<_> = sent.filter_map(|value| value.to_str().ok()).collect();
    let now = ready(sessions.open(&valid)).expect("the store works");
    match handler {
        Handler::Nothing => assert!(sent.is_empty()),
        Handler::Read => {
            assert_eq!(*response.body(), if is_valid { 7 } else { 0 });
            assert!(sent.is_empty(), "{sent:?}");
            // The first use of a session moves its deadline.
            assert!(is_valid || calls.iter().all(|call| *call == Operation::Load), "{calls:?}");
        }
        Handler::Write if is_valid => {
            assert!(sent.is_empty(), "{sent:?}");
            let now = now.as_ref().expect("the session goes on");
            assert_eq!(ready(now.count()).expect("the store works"), 8);
        }
        Handler::Write => {
            let [sent] = sent[..] else { panic!("{sent:?} for a new session") };
            let text = sent.split(['=', ' ']).nth(1).and_then(|text| text.split(';').next());
            let token: Token = text.expect("a token").parse().expect("a token");
            assert!(!tokens.contains(&token), "a session under a token that somebody chose");
            assert!(tokens.iter().all(|presented| presented.id() != token.id()), "a session under a chosen ID");
            let began = ready(sessions.open(&token)).expect("the store works").expect("the new session is there");
            assert_eq!(ready(began.count()).expect("the store works"), 8);
        }
        Handler::Destroy => assert_eq!(now.is_none(), is_valid),
    }
    if !is_valid {
        let now = now.expect("nobody else's business ends it");
        assert_eq!(ready(now.count()).expect("the store works"), 7);
    }
}

/// Bytes that no header can have stand for what the fuzzer would hardly guess.
fn expand(bytes: &[u8], valid: &Token) -> Vec<u8> {
    let mut value = Vec::new();
    for byte in bytes {
        match byte {
            0 => value.extend(valid.to_string().bytes()),
            1 => value.extend([b'A'; 43]),
            2 => value.extend(valid.to_string().bytes().take(22).chain([b'A'; 21])),
            3 => value.extend(NAME.bytes().chain(*b"=")),
            4 => value.extend(b"Bearer "),
            byte => value.push(*byte),
        }
    }
    value
}

/// What the documentation says of which tokens are looked at, in other words than the library's.
fn tokens_in_cookies(values: &[HeaderValue]) -> Vec<Token> {
    let pairs = values.iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let named = pairs.filter_map(|pair| {
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=')?);
        (name.trim_ascii_start() == NAME.as_bytes()).then(|| value[1..].trim_ascii_end())
    });
    well_formed(named)
}

fn tokens_of_bearers(values: &[HeaderValue]) -> Vec<Token> {
    let named = values.iter().filter_map(|value| {
        let value = value.as_bytes().trim_ascii();
        let scheme = value.get(..7)?;
        scheme.eq_ignore_ascii_case(b"bearer ").then(|| value[7..].trim_ascii())
    });
    well_formed(named)
}

fn well_formed<'b>(texts: impl Iterator<Item = &'b [u8]>) -> Vec<Token> {
    let mut tokens = Vec::new();
    for token in texts.filter_map(|text| str::from_utf8(text).ok()?.parse().ok()) {
        if !tokens.contains(&token) && tokens.len() < MAX_TOKENS {
            tokens.push(token);
        }
    }
    tokens
}
