//! How tokens travel between visitor and service.

use std::borrow::Cow;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, header};
use smallvec::SmallVec;

use crate::error::{Result, SessionError};
use crate::token::{HashedToken, Token};

mod cookie;
mod header_value;

use self::cookie::CookieCarrier;
pub use self::cookie::{CookieOptions, SameSite, SiteData};
use self::header_value::HeaderCarrier;

/// The most tokens of one request that are looked up: a visitor has one, an accident may leave some more.
const MAX_TOKENS: usize = 4;

/// How tokens travel between visitor and service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Transport {
    /// In a cookie; its name and attributes are the [`CookieOptions`].
    #[default]
    Cookie,
    /// In a header of the request; a new token is sent in the same header of the response. For clients that are not
    /// browsers.
    Header {
        /// The header's name.
        name: Cow<'static, str>,
        /// The word before the token, as in `Authorization: Bearer …`; matched in any case.
        scheme: Option<Cow<'static, str>>,
    },
}

impl Transport {
    /// The header `Authorization` with the scheme `Bearer` (RFC 6750).
    pub fn bearer() -> Self {
        Self::Header { name: "authorization".into(), scheme: Some("Bearer".into()) }
    }

    /// The header with this name, which holds nothing but the token.
    pub fn header(name: impl Into<Cow<'static, str>>) -> Self {
        Self::Header { name: name.into(), scheme: None }
    }
}

/// A transport that was checked.
#[derive(Debug)]
pub(crate) enum Carrier {
    Cookie(CookieCarrier),
    Header(HeaderCarrier),
}

/// The tokens of a request: nearly always one.
pub(crate) type Tokens = SmallVec<[HashedToken; 1]>;

/// What a request presents.
#[derive(Debug, Default)]
pub(crate) struct Presented {
    /// Anything at all under our name.
    pub(crate) any: bool,
    /// The well-formed tokens, each once.
    pub(crate) tokens: Tokens,
}

impl Presented {
    /// Takes in one text that was found under our name.
    fn add(&mut self, text: &[u8]) {
        self.any = true;
        if self.tokens.len() < MAX_TOKENS {
            if let Some(new) =
                Token::parse(text).ok().filter(|token| !self.tokens.iter().any(|other| **other == *token))
            {
                self.tokens.push(new.into());
            }
        }
    }
}

impl Carrier {
    pub(crate) fn new(transport: Transport, cookie: CookieOptions) -> Result<Self> {
        match transport {
            Transport::Cookie => CookieCarrier::new(cookie).map(Self::Cookie),
            Transport::Header { name, scheme } => HeaderCarrier::new(&name, scheme).map(Self::Header),
        }
        .map_err(SessionError::config)
    }

    /// The header of the request that tokens are in.
    pub(crate) fn request_header(&self) -> &HeaderName {
        match self {
            Self::Cookie(_) => &header::COOKIE,
            Self::Header(carrier) => carrier.name(),
        }
    }

    /// Whether browsers send tokens by themselves, whoever makes them ask.
    pub(crate) fn is_ambient(&self) -> bool {
        matches!(self, Self::Cookie(_))
    }

    /// The tokens in these values of that header.
    pub(crate) fn presented(&self, values: &[HeaderValue]) -> Presented {
        let mut presented = Presented::default();
        for value in values {
            match self {
                Self::Cookie(carrier) => carrier.read(value.as_bytes(), &mut presented),
                Self::Header(carrier) => carrier.read(value.as_bytes(), &mut presented),
            }
        }
        presented
    }

    /// Whether every session's token outlives the browser.
    pub(crate) fn is_persistent(&self) -> bool {
        matches!(self, Self::Cookie(carrier) if carrier.is_persistent())
    }

    /// Sends the token; the cookie outlives the browser's session if it is given an age.
    pub(crate) fn send(&self, token: Token, max_age: Option<Duration>, headers: &mut HeaderMap) {
        match self {
            Self::Cookie(carrier) => carrier.set(token, max_age, headers),
            Self::Header(carrier) => drop(headers.insert(carrier.name().clone(), carrier.value(token))),
        }
    }

    /// Tells the visitor to forget the token, where that can be told.
    pub(crate) fn remove(&self, headers: &mut HeaderMap) {
        if let Self::Cookie(carrier) = self {
            carrier.remove(headers);
        }
    }
}

impl Default for Carrier {
    fn default() -> Self {
        Self::Cookie(CookieCarrier::default())
    }
}
