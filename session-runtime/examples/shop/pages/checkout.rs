//! The checkout's three steps.
//!
//! `novalidate` leaves the checking to the shop, so that everybody gets the same messages in the same place.

use axum::response::Html;
use maud::{Markup, html};

use super::form::{self, Input};
use super::layout;
use crate::cart::Cart;
use crate::checkout::{Address, Delivery, Errors, Method, Step};
use crate::frame::Frame;

/// `sent` is what was sent before, right or wrong.
pub(crate) fn address(frame: &Frame, sent: Option<&Address>) -> Html<String> {
    let errors = sent.map(Address::errors).unwrap_or_default();
    let empty = Address::default();
    let Address { name, email, street, postcode, city } = sent.unwrap_or(&empty);
    let inputs = [
        Input { name: "name", label: "Name", kind: "text", autocomplete: "name", value: name },
        Input { name: "email", label: "Email", kind: "email", autocomplete: "email", value: email },
        Input {
            name: "street",
            label: "Street and number",
            kind: "text",
            autocomplete: "street-address",
            value: street,
        },
        Input { name: "postcode", label: "Postcode", kind: "text", autocomplete: "postal-code", value: postcode },
        Input { name: "city", label: "Town or city", kind: "text", autocomplete: "address-level2", value: city },
    ];
    let fields = html! {
        @for input in &inputs {
            (form::input(input, errors.of(input.name)))
        }
    };
    step(frame, Step::Address, &errors, form(frame, Step::Address, fields, "Continue to delivery"))
}

pub(crate) fn delivery(frame: &Frame, sent: Option<&Delivery>) -> Html<String> {
    let errors = sent.map(Delivery::errors).unwrap_or_default();
    let empty = Delivery::default();
    let Delivery { method, note } = sent.unwrap_or(&empty);
    let fields = html! {
        (methods(*method, errors.of("method")))
        div.field {
            label for="note" { "A note for us " span.quiet { "(optional)" } }
            (form::message("note", errors.of("note")))
            textarea #note name="note" rows="3" aria-invalid=[errors.of("note").map(|_| "true")]
                aria-describedby=[form::describer("note", errors.of("note"))] { (note) }
        }
    };
    step(frame, Step::Delivery, &errors, form(frame, Step::Delivery, fields, "Continue to review"))
}

fn methods(chosen: Option<Method>, error: Option<&str>) -> Markup {
    html! {
        fieldset.choices #method aria-describedby=[form::describer("method", error)] {
            legend { "How shall it get to you?" }
            (form::message("method", error))
            @for method in Method::ALL {
                label.choice {
                    input type="radio" name="method" value=(method.value()) checked[chosen == Some(method)];
                    span { (method.title()) }
                    span.price { (method.price()) }
                }
            }
        }
    }
}

pub(crate) fn review(frame: &Frame, cart: &Cart, address: &Address, delivery: &Delivery) -> Html<String> {
    let lines = cart.lines().map(|(product, quantity)| (product.name, quantity, product.price.times(quantity)));
    let content = html! {
        section.panel {
            h2 { "Your things" }
            (super::orders::summary(lines, delivery, cart.total() + delivery.price()))
            p { a href="/cart" { "Change the cart" } }
        }
        section.panel {
            h2 { "Where it goes" }
            (super::orders::destination(address, delivery))
            p {
                a href=(Step::Address.path()) { "Change the address" }
                " · "
                a href=(Step::Delivery.path()) { "Change the delivery" }
            }
        }
        form method="post" action=(Step::Review.path()) { (form::token(frame)) button { "Place the order" } }
    };
    step(frame, Step::Review, &Errors::default(), content)
}

fn form(frame: &Frame, step: Step, fields: Markup, button: &str) -> Markup {
    html! {
        form.stack method="post" action=(step.path()) novalidate {
            (form::token(frame))
            (fields)
            p.actions {
                button { (button) }
                a href="/cart" { "Back to the cart" }
            }
        }
    }
}

fn step(frame: &Frame, step: Step, errors: &Errors, content: Markup) -> Html<String> {
    let title = if errors.is_empty() { step.title().to_owned() } else { format!("Error: {}", step.title()) };
    let content = html! {
        div.narrow {
            h1 { "Checkout" }
            (steps(step))
            (form::summary(errors))
            (content)
        }
    };
    layout::page(frame, &title, content)
}

fn steps(current: Step) -> Markup {
    html! {
        ol.steps aria-label="Steps of the checkout" {
            @for step in Step::ALL {
                li aria-current=[(step == current).then_some("step")] { (step.title()) }
            }
        }
    }
}
