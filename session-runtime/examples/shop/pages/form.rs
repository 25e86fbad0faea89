//! Parts of forms.

use maud::{Markup, html};
use session_runtime::CsrfToken;

use crate::checkout::Errors;
use crate::frame::Frame;

/// What every form that changes something begins with: without it, the shop refuses the form of a visitor with a session.
pub(super) fn token(frame: &Frame) -> Markup {
    html! {
        @if let Some(token) = &frame.csrf {
            input type="hidden" name=(CsrfToken::FIELD) value=(token);
        }
    }
}

/// A line of text to fill in.
pub(super) struct Input<'a> {
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) kind: &'a str,
    /// What browsers may fill in by themselves.
    pub(super) autocomplete: &'a str,
    pub(super) value: &'a str,
}

/// The input with its label, and what is wrong with it, which screen readers read out with it.
pub(super) fn input(input: &Input<'_>, error: Option<&str>) -> Markup {
    let Input { name, label, kind, autocomplete, value } = input;
    html! {
        div.field {
            label for=(name) { (label) }
            (message(name, error))
            input id=(name) name=(name) type=(kind) autocomplete=(autocomplete) value=(value)
                aria-invalid=[error.map(|_| "true")] aria-describedby=[describer(name, error)];
        }
    }
}

/// What is wrong with a field.
pub(super) fn message(name: &str, error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error {
            p.error id=(error_id(name)) { (error) }
        }
    }
}

/// For `aria-describedby`.
pub(super) fn describer(name: &str, error: Option<&str>) -> Option<String> {
    error.map(|_| error_id(name))
}

/// All that is wrong, at the top of the form, with links to the fields.
pub(super) fn summary(errors: &Errors) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.summary role="alert" {
                h2 { "Please look at this again" }
                ul {
                    @for (name, message) in errors.iter() {
                        li { a href={ "#" (name) } { (message) } }
                    }
                }
            }
        }
    }
}

/// A form of nothing but a button, and what is sent along with it.
pub(super) fn button(frame: &Frame, action: &str, values: &[(&str, &str)], button: Markup) -> Markup {
    html! {
        form method="post" action=(action) {
            (token(frame))
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            (button)
        }
    }
}

fn error_id(name: &str) -> String {
    format!("{name}-error")
}
