//! Signing in and out.

use axum::response::Html;
use maud::html;
use serde::Deserialize;

use super::form::{self, Input};
use super::layout;
use crate::frame::Frame;

/// The one password of all customers of this demo.
pub(crate) const PASSWORD: &str = "demo";

/// Why a try to sign in failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Wrong {
    Name,
    Password,
}

impl Wrong {
    /// What it is in the page's address.
    pub(crate) fn value(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Password => "password",
        }
    }
}

pub(crate) fn show(frame: &Frame, wrong: Option<Wrong>) -> Html<String> {
    let name = Input { name: "name", label: "Name", kind: "text", autocomplete: "username", value: "" };
    let password =
        Input { name: "password", label: "Password", kind: "password", autocomplete: "current-password", value: "" };
    let content = html! {
        div.narrow {
            h1 { "Sign in" }
            p { "Any name will do. The password is " code { (PASSWORD) } "." }
            form.stack method="post" action="/sign-in" novalidate {
                (form::token(frame))
                (form::input(&name, (wrong == Some(Wrong::Name)).then_some("Enter a name of 1 to 40 letters")))
                (form::input(&password, (wrong == Some(Wrong::Password)).then_some("That is not the password")))
                label.check {
                    input type="checkbox" name="remember" value="yes";
                    span { "Remember me for 30 days" }
                }
                p.actions { button { "Sign in" } }
            }
        }
    };
    layout::page(frame, if wrong.is_some() { "Error: Sign in" } else { "Sign in" }, content)
}

pub(crate) fn signed_out(frame: &Frame) -> Html<String> {
    let content = html! {
        div.narrow {
            h1 { "You are signed out" }
            p { "Your session is over, and all that was in it is deleted: the cart, your orders and the theme." }
            p.actions { a.button href="/" { "Back to the shop" } a href="/sign-in" { "Sign in again" } }
        }
    };
    layout::page(frame, "Signed out", content)
}
