//! What is asked of the applications, and what they must answer.

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::sample::{self, FULL, SMALL};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// The session is there and nobody asks it for anything.
    None,
    /// The counter is read.
    Read,
    /// The counter is set.
    Set,
    /// The counter is raised by one: atomically where there is such a thing, else read and set.
    Update,
    /// The user signs in again: the session gets a new secret, and the browser a new cookie.
    Login,
    /// A visitor without a cookie comes, and their counter is set.
    Visit,
    /// User, counter and cart are read.
    All,
    /// A visitor without a cookie signs in, with a cart of 8 kB.
    Fill,
    /// The same with a cart of 1 kB.
    FillSmall,
    /// A visitor without a cookie comes, and their note is set.
    BeginNote,
    /// The note is set.
    SetNote,
    /// The note is read.
    ReadNote,
}

impl Workload {
    /// What is measured in every application.
    pub const MEASURED: [Self; 7] =
        [Self::None, Self::Read, Self::Set, Self::Update, Self::Login, Self::Visit, Self::All];

    /// What the tables call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "untouched",
            Self::Read => "read a field",
            Self::Set => "set a field",
            Self::Update => "update a field",
            Self::Login => "sign in",
            Self::Visit => "new visitor",
            Self::All => "read everything",
            Self::Fill => "fill",
            Self::FillSmall => "fill a little",
            Self::BeginNote => "begin with a value",
            Self::SetNote => "set a value",
            Self::ReadNote => "read a value",
        }
    }

    /// Where it is asked for.
    pub fn path(self) -> &'static str {
        match self {
            Self::None => "/none",
            Self::Read => "/read",
            Self::Set => "/set",
            Self::Update => "/update",
            Self::Login => "/login",
            Self::Visit => "/visit",
            Self::All => "/all",
            Self::Fill => "/fill",
            Self::FillSmall => "/fill-small",
            Self::BeginNote => "/visit-note",
            Self::SetNote | Self::ReadNote => "/note",
        }
    }

    /// How it is asked for.
    pub fn method(self) -> Method {
        match self {
            Self::None | Self::Read | Self::All | Self::ReadNote => Method::GET,
            _ => Method::POST,
        }
    }

    /// Whether the request has no cookie.
    pub fn is_of_a_stranger(self) -> bool {
        matches!(self, Self::Visit | Self::Fill | Self::FillSmall | Self::BeginNote)
    }
}

/// A browser: what it was given, and what its session must hold.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The cookie as the browser sends it back.
    pub cookie: HeaderValue,
    /// What the counter must be.
    pub counter: u64,
    /// What reading everything must answer beyond the counter.
    pub rest: u64,
}

impl Visitor {
    /// One who has no cookie yet.
    pub fn stranger() -> Self {
        Self { cookie: HeaderValue::from_static(""), counter: 0, rest: 0 }
    }

    /// Takes an answer in, and panics where it is not what it must be. An application that keeps nothing is only asked to answer.
    pub fn check(&mut self, asked: Workload, keeps: bool, status: StatusCode, headers: &HeaderMap, body: &[u8]) {
        assert_eq!(status, StatusCode::OK, "{asked:?}: {}", String::from_utf8_lossy(body));
        if !keeps {
            return;
        }
        match asked {
            Workload::None => assert_eq!(body, b"none"),
            Workload::Read => assert_eq!(number(body), self.counter),
            Workload::Set => self.counter = number(body),
            Workload::Update => {
                self.counter += 1;
                assert_eq!(number(body), self.counter);
            }
            Workload::All => assert_eq!(number(body), self.counter + self.rest),
            Workload::Login => {
                let cookie = cookie(headers).expect("a new cookie for who signs in");
                assert_ne!(cookie, self.cookie, "signing in changes nothing");
                self.cookie = cookie;
            }
            Workload::Visit => *self = Self { counter: number(body), ..Self::with(headers, 0) },
            Workload::Fill => *self = Self { counter: number(body), ..Self::with(headers, FULL) },
            Workload::FillSmall => *self = Self { counter: number(body), ..Self::with(headers, SMALL) },
            Workload::BeginNote => *self = Self::with(headers, 0),
            Workload::SetNote | Workload::ReadNote => assert_eq!(number(body), sample::note_size()),
        }
    }

    fn with(headers: &HeaderMap, items: usize) -> Self {
        let cookie = cookie(headers).expect("a cookie for who is new");
        Self { cookie, counter: 0, rest: sample::USER + sample::total(&sample::cart(items)) }
    }
}

/// The cookie that an answer gives, as the browser sends it back.
fn cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut pairs = headers.get_all(header::SET_COOKIE).iter().filter_map(|given| {
        let pair = given.as_bytes().split(|byte| *byte == b';').next()?;
        (!pair.ends_with(b"=")).then_some(pair)
    });
    let mut all = pairs.next()?.to_vec();
    for pair in pairs {
        all.extend_from_slice(b"; ");
        all.extend_from_slice(pair);
    }
    HeaderValue::from_bytes(&all).ok()
}

fn number(body: &[u8]) -> u64 {
    let text = std::str::from_utf8(body).ok();
    text.and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("not a number: {}", String::from_utf8_lossy(body)))
}
