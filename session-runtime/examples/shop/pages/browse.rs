//! The catalogue and a product.

use axum::response::Html;
use maud::{Markup, PreEscaped, html};

use super::{form, layout};
use crate::cart::MAX_QUANTITY;
use crate::catalogue::{PRODUCTS, Product};
use crate::frame::Frame;

pub(crate) fn catalogue(frame: &Frame) -> Html<String> {
    let content = html! {
        div.intro {
            h1 { "Things for a calm desk" }
            p { "Eight of them, and none that needs charging." }
        }
        ul.products {
            @for product in PRODUCTS {
                li { (card(frame, product)) }
            }
        }
    };
    layout::page(frame, "Catalogue", content)
}

fn card(frame: &Frame, product: &Product) -> Markup {
    html! {
        article.card {
            (picture(product))
            h2 { a href={ "/products/" (product.slug) } { (product.name) } }
            p.quiet { (product.summary) }
            div.buy {
                span.price { (product.price) }
                form method="post" action="/cart/add" {
                    (form::token(frame))
                    input type="hidden" name="product" value=(product.slug);
                    input type="hidden" name="quantity" value="1";
                    button.small aria-label={ "Add " (product.name) " to the cart" } { "Add to cart" }
                }
            }
        }
    }
}

pub(crate) fn product(frame: &Frame, product: &Product) -> Html<String> {
    let content = html! {
        p.crumbs { a href="/" { "Catalogue" } }
        article.product {
            (picture(product))
            div {
                h1 { (product.name) }
                p.quiet { (product.summary) }
                p.price { (product.price) }
                p { (product.description) }
                form.row method="post" action="/cart/add" {
                    (form::token(frame))
                    input type="hidden" name="product" value=(product.slug);
                    div.field {
                        label for="quantity" { "Quantity" }
                        input #quantity type="number" name="quantity" value="1" min="1" max=(MAX_QUANTITY) required;
                    }
                    button { "Add to cart" }
                }
            }
        }
    };
    layout::page(frame, product.name, content)
}

/// The drawings are the shop's own files, the only thing in its pages that maud does not escape.
pub(super) fn picture(product: &Product) -> Markup {
    html! { div.picture.(product.tint) aria-hidden="true" { (PreEscaped(product.picture)) } }
}
