//! The pages. maud escapes everything that is put into them.

use axum::response::Html;
use maud::html;

use crate::frame::Frame;

pub(crate) mod account;
pub(crate) mod browse;
pub(crate) mod cart;
pub(crate) mod checkout;
pub(crate) mod devices;
mod form;
mod layout;
pub(crate) mod orders;
pub(crate) mod sign_in;

/// For requests that have no page of their own. Asks the session nothing: it may be what failed.
pub(crate) fn error(title: &str, text: &str) -> Html<String> {
    let content = html! {
        h1 { (title) }
        p { (text) }
        p { a.button href="/" { "Back to the shop" } }
    };
    layout::page(&Frame::default(), title, content)
}
