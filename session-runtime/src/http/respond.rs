//! What a session adds to its response.

use http::header::{self, Entry};
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::error::{Result, SessionError};
use crate::manager::Shared;
use crate::session::core::Core;
use crate::session::state::{Announcement, Finished};

/// The handler's response, with the session's headers.
fn with_session<B>(mut response: Response<B>, finished: &Finished, shared: &Shared) -> Response<B> {
    let headers = response.headers_mut();
    match finished.announcement {
        Announcement::Nothing => {}
        Announcement::Token { token, max_age } => {
            shared.carrier.send(token, max_age, headers);
            forbid_caching(headers);
        }
        Announcement::Removal => {
            shared.carrier.remove(headers);
            forbid_caching(headers);
        }
    }
    if finished.was_read {
        vary_by(shared.carrier.request_header(), headers);
    }
    response
}

/// The handler's response once its session was stored; where it could not be, another one.
pub(super) fn stored<B: Default>(response: Response<B>, finished: Result<Finished>, core: &Core) -> Response<B> {
    match finished {
        Ok(finished) => with_session(response, &finished, core.shared()),
        Err(error) => {
            with_session(opaque(&error, "the session could not be stored"), &core.finish_failed(), core.shared())
        }
    }
}

/// A response in place of the handler's. It tells the visitor nothing; the log is told what could not be done.
pub(crate) fn opaque<B: Default>(error: &SessionError, what: &'static str) -> Response<B> {
    if error.status().is_server_error() {
        tracing::error!(error = error as &dyn std::error::Error, "{what}");
    }
    let mut response = Response::new(B::default());
    *response.status_mut() = error.status();
    response
}

/// A cache that kept a response with a token would hand one visitor's session to another.
fn forbid_caching(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}

fn vary_by(name: &HeaderName, headers: &mut HeaderMap) {
    match headers.entry(header::VARY) {
        Entry::Vacant(nothing) => drop(nothing.insert(name.clone().into())),
        Entry::Occupied(listed) if listed.iter().any(|value| lists(value, name)) => {}
        Entry::Occupied(mut listed) => listed.append(name.clone().into()),
    }
}

fn lists(value: &HeaderValue, name: &HeaderName) -> bool {
    let mut names = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
    names.any(|listed| listed == b"*" || listed.eq_ignore_ascii_case(name.as_str().as_bytes()))
}
