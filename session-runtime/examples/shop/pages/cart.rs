//! The cart.

use axum::response::Html;
use maud::{Markup, html};

use super::{browse, form, layout};
use crate::cart::{Cart, MAX_QUANTITY};
use crate::catalogue::Product;
use crate::frame::Frame;

pub(crate) fn show(frame: &Frame, cart: &Cart) -> Html<String> {
    let content = html! {
        h1 { "Your cart" }
        @if cart.is_empty() { (empty()) } @else { (filled(frame, cart)) }
    };
    layout::page(frame, "Cart", content)
}

fn empty() -> Markup {
    html! {
        p { "There is nothing in it yet." }
        p { a.button href="/" { "Look around" } }
    }
}

fn filled(frame: &Frame, cart: &Cart) -> Markup {
    html! {
        ul.lines {
            @for (product, quantity) in cart.lines() {
                li { (line(frame, product, quantity)) }
            }
        }
        dl.totals {
            div { dt { "Total" } dd #total { (cart.total()) } }
        }
        p.actions {
            a.button href="/checkout" { "Go to checkout" }
            a href="/" { "Keep looking" }
        }
    }
}

fn line(frame: &Frame, product: &Product, quantity: u32) -> Markup {
    let id = format!("quantity-{}", product.slug);
    html! {
        (browse::picture(product))
        div.what {
            a href={ "/products/" (product.slug) } { (product.name) }
            span.quiet { (product.price) " each" }
        }
        form.row method="post" action="/cart/change" {
            (form::token(frame))
            input type="hidden" name="product" value=(product.slug);
            label.hidden for=(id) { "Quantity of " (product.name) }
            input id=(id) type="number" name="quantity" value=(quantity) min="0" max=(MAX_QUANTITY) required;
            button.small.plain aria-label={ "Update the quantity of " (product.name) } { "Update" }
        }
        form method="post" action="/cart/remove" {
            (form::token(frame))
            input type="hidden" name="product" value=(product.slug);
            button.link aria-label={ "Remove " (product.name) } { "Remove" }
        }
        span.price { (product.price.times(quantity)) }
    }
}
