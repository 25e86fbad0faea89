//! Where the visitor is signed in.

use std::time::SystemTime;

use axum::response::Html;
use maud::{Markup, html};
use session_runtime::SessionId;

use super::{form, layout};
use crate::frame::Frame;
use crate::time;

/// A sign-in of the visitor's.
pub(crate) struct SignIn {
    pub(crate) session: SessionId,
    pub(crate) device: String,
    pub(crate) last_used: SystemTime,
    /// The one that asks.
    pub(crate) is_this: bool,
}

pub(crate) fn show(frame: &Frame, sign_ins: &[SignIn]) -> Html<String> {
    let content = html! {
        div.narrow {
            h1 { "Where you are signed in" }
            section.panel {
                ul.plain #devices { @for sign_in in sign_ins { li { (line(frame, sign_in)) } } }
            }
            p.quiet {
                "You don't know one of these? Sign it out: its cookie opens nothing any more, whoever has a copy of it."
            }
            @if sign_ins.iter().any(|sign_in| !sign_in.is_this) {
                (form::button(frame, "/devices/sign-out-others", &[], html! { button { "Sign out everywhere else" } }))
            }
        }
    };
    layout::page(frame, "Where you are signed in", content)
}

fn line(frame: &Frame, sign_in: &SignIn) -> Markup {
    let SignIn { session, device, last_used, is_this } = sign_in;
    html! {
        strong { (device) }
        span.quiet { "Last used " (time::relative(*last_used, SystemTime::now())) }
        @if *is_this {
            span.badge #this-device { "This device" }
        } @else {
            (form::button(frame, "/devices/sign-out", &[("session", &session.to_string())], html! {
                button.link aria-label={ "Sign out " (device) } { "Sign out" }
            }))
        }
    }
}
