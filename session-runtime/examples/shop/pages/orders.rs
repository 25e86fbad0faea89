//! The receipt, and the parts that the checkout's review shows too.

use axum::response::Html;
use maud::{Markup, html};

use super::layout;
use crate::catalogue::Money;
use crate::checkout::{Address, Delivery};
use crate::frame::Frame;
use crate::schema::Order;
use crate::time;

pub(crate) fn receipt(frame: &Frame, order: &Order) -> Html<String> {
    let title = format!("Order {}", order.number);
    let lines = order.lines.iter().map(|line| (line.name.as_str(), line.quantity, line.price));
    let content = html! {
        div.narrow {
            h1 { (title) }
            p.quiet {
                "Placed " (time::absolute(order.placed)) ". "
                "A receipt goes to " (order.address.email) " – or would, in a real shop."
            }
            section.panel {
                h2 { "Receipt" }
                (summary(lines, &order.delivery, order.total))
            }
            section.panel {
                h2 { "Where it goes" }
                (destination(&order.address, &order.delivery))
            }
            p.actions { a.button href="/" { "Keep looking" } a href="/account" { "All orders" } }
        }
    };
    layout::page(frame, &title, content)
}

/// What is bought and what it costs.
pub(super) fn summary<'a>(
    lines: impl Iterator<Item = (&'a str, u32, Money)>,
    delivery: &Delivery,
    total: Money,
) -> Markup {
    html! {
        dl.totals {
            @for (name, quantity, price) in lines {
                div { dt { (quantity) " × " (name) } dd { (price) } }
            }
            @if let Some(method) = delivery.method {
                div { dt { (method.title()) } dd { (method.price()) } }
            }
            div { dt { "Total" } dd #total { (total) } }
        }
    }
}

pub(super) fn destination(address: &Address, delivery: &Delivery) -> Markup {
    html! {
        address {
            (address.name) br;
            (address.street) br;
            (address.postcode) " " (address.city) br;
            (address.email)
        }
        @if !delivery.note.trim().is_empty() {
            p.quiet { "Your note: " (delivery.note) }
        }
    }
}
