//! What the shop knows of the visitor.

use std::time::SystemTime;

use axum::response::Html;
use maud::{Markup, html};
use session_runtime::SessionId;

use super::layout;
use crate::frame::Frame;
use crate::schema::Order;
use crate::time;
use crate::visits::Visits;

/// What there is to show.
pub(crate) struct Known {
    pub(crate) id: Option<SessionId>,
    pub(crate) created: Option<SystemTime>,
    pub(crate) expires: Option<SystemTime>,
    pub(crate) visits: Visits,
    pub(crate) orders: Vec<Order>,
}

pub(crate) fn show(frame: &Frame, known: &Known) -> Html<String> {
    let content = html! {
        div.narrow {
            h1 { @match &frame.user { Some(user) => { "Hello, " (user) } None => { "Your account" } } }
            @if frame.user.is_none() {
                p { "You are not signed in. " a href="/sign-in" { "Sign in" } }
            } @else {
                p { a href="/devices" { "Where you are signed in" } }
            }
            @match known.id {
                Some(id) => (session(&id.to_string(), known)),
                None => p.panel {
                    "You have no session: nothing is stored about you, and you have no cookie. "
                    "Put something in the cart, choose a theme or sign in, and you will."
                },
            }
            (orders(&known.orders))
        }
    };
    layout::page(frame, "Account", content)
}

fn session(id: &str, known: &Known) -> Markup {
    html! {
        section.panel {
            h2 { "Your session" }
            dl.facts {
                div { dt { "ID" } dd { code #session-id { (id) } } }
                div { dt { "Visits" } dd #visits { (known.visits.count) } }
                div { dt { "Last visit" } dd { (known.visits.previous.map_or(html! { "This is the first" }, when)) } }
                @for (event, time) in [("Created", known.created), ("Ends", known.expires)] {
                    @if let Some(time) = time { div { dt { (event) } dd { (when(time)) } } }
                }
            }
            p.quiet {
                "The ID only names the session. What opens it is the secret in your cookie, "
                "of which the shop keeps just a hash."
            }
        }
    }
}

fn orders(orders: &[Order]) -> Markup {
    html! {
        section.panel {
            h2 { "Your orders" }
            @if orders.is_empty() {
                p { "None yet." }
            } @else {
                ul.plain {
                    @for order in orders.iter().rev() {
                        li {
                            a href={ "/orders/" (order.number) } { "Order " (order.number) }
                            span.quiet { (time::absolute(order.placed)) }
                            span.price { (order.total) }
                        }
                    }
                }
            }
        }
    }
}

fn when(time: SystemTime) -> Markup {
    html! { (time::absolute(time)) " " span.quiet { "(" (time::relative(time, SystemTime::now())) ")" } }
}
