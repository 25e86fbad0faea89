//! What is around every page's content.

use axum::response::Html;
use maud::{DOCTYPE, Markup, html};

use super::form;
use crate::frame::Frame;
use crate::schema::{Flash, Theme};

pub(super) fn page(frame: &Frame, title: &str, content: Markup) -> Html<String> {
    let markup = html! {
        (DOCTYPE)
        html lang="en" data-theme=(value(frame.theme)) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) " – Quiet Desk" }
                link rel="stylesheet" href="/style.css";
                link rel="icon" href="/icon.svg" type="image/svg+xml";
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (header(frame))
                main #content {
                    (flash(frame.flash.as_ref()))
                    (content)
                }
                (footer(frame))
            }
        }
    };
    Html(markup.into_string())
}

fn header(frame: &Frame) -> Markup {
    html! {
        header.site {
            a.brand href="/" { "Quiet Desk" }
            nav aria-label="Shop" {
                (link(frame, "/", html! { "Catalogue" }))
                (link(frame, "/cart", html! {
                    "Cart"
                    @if frame.cart_count > 0 {
                        " " span.badge { (frame.cart_count) span.hidden { " in it" } }
                    }
                }))
                @match &frame.user {
                    Some(user) => {
                        (link(frame, "/account", html! { span.user { (user) } }))
                        form method="post" action="/sign-out" { (form::token(frame)) button.link { "Sign out" } }
                    }
                    None => {
                        (link(frame, "/account", html! { "Account" }))
                        (link(frame, "/sign-in", html! { "Sign in" }))
                    }
                }
            }
        }
    }
}

fn link(frame: &Frame, path: &str, text: Markup) -> Markup {
    let current = (frame.path == path).then_some("page");
    html! { a href=(path) aria-current=[current] { (text) } }
}

fn flash(flash: Option<&Flash>) -> Markup {
    html! {
        @match flash {
            Some(Flash::Done(text)) => p.flash role="status" { (text) },
            Some(Flash::Problem(text)) => p.flash.problem role="alert" { (text) },
            None => {}
        }
    }
}

fn footer(frame: &Frame) -> Markup {
    html! {
        footer.site {
            p { "A demo of " code { "session-runtime" } ". Nothing here is for sale, and no script runs." }
            // A page about an error has no path, and knows no token.
            @if !frame.path.is_empty() { (themes(frame)) }
        }
    }
}

fn themes(frame: &Frame) -> Markup {
    html! {
        form.themes method="post" action="/theme" {
            (form::token(frame))
            input type="hidden" name="back" value=(frame.path);
            fieldset {
                legend { "Theme" }
                @for (theme, name) in [(Theme::System, "System"), (Theme::Light, "Light"), (Theme::Dark, "Dark")] {
                    button name="theme" value=(value(theme)) aria-pressed=(frame.theme == theme) { (name) }
                }
            }
        }
    }
}

fn value(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "system",
        Theme::Light => "light",
        Theme::Dark => "dark",
    }
}
