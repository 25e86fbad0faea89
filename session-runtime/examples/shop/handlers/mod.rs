//! What the shop does, by page. A form's answer is always a redirect, so that reloading a page never repeats a
//! change.

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use session_runtime::{CsrfError, SessionManager};

use crate::error::AppError;
use crate::schema::Shop;

mod account;
mod browse;
mod cart;
mod checkout;
mod devices;
mod orders;
mod sign_in;
mod theme;

/// All routes. The session layer is put around them in `main`.
pub(crate) fn router(sessions: SessionManager<Shop>) -> Router {
    Router::new()
        .route("/", get(browse::catalogue))
        .route("/products/{slug}", get(browse::product))
        .route("/cart", get(cart::show))
        .route("/cart/add", post(cart::add))
        .route("/cart/change", post(cart::change))
        .route("/cart/remove", post(cart::remove))
        .route("/checkout", get(checkout::resume))
        .route("/checkout/address", get(checkout::address).post(checkout::send_address))
        .route("/checkout/delivery", get(checkout::delivery).post(checkout::send_delivery))
        .route("/checkout/review", get(checkout::review).post(checkout::place_order))
        .route("/orders/{number}", get(orders::receipt))
        .route("/sign-in", get(sign_in::show).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/signed-out", get(sign_in::signed_out))
        .route("/account", get(account::show))
        .route("/devices", get(devices::show))
        .route("/devices/sign-out", post(devices::sign_out))
        .route("/devices/sign-out-others", post(devices::sign_out_others))
        .route("/theme", post(theme::choose))
        .route("/style.css", get(style))
        .route("/icon.svg", get(icon))
        .fallback(async || AppError::NotFound)
        .layer(sessions.csrf_layer().require_token())
        .layer(map_response(explain_refusal))
        .layer(map_response(only_our_own))
        .with_state(sessions)
}

/// Puts a page where a form was refused. Most often it is an honest one, from before a sign-in in another tab.
async fn explain_refusal(response: Response) -> Response {
    match response.extensions().get::<CsrfError>() {
        Some(error) => AppError::Refused(*error).into_response(),
        None => response,
    }
}

/// Does not touch the session, so the layer does nothing at all.
async fn style() -> impl IntoResponse {
    file("text/css; charset=utf-8", include_str!("../style.css"))
}

async fn icon() -> impl IntoResponse {
    file("image/svg+xml", include_str!("../pictures/icon.svg"))
}

fn file(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, content_type), (CACHE_CONTROL, "max-age=300")], text)
}

/// Lets browsers load nothing but the shop's own style sheet and icon: no script, not even one that slipped into a
/// page.
async fn only_our_own(mut response: Response) -> Response {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                          frame-ancestors 'none'";
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    // Pages show what is in a session: the next visitor of a shared computer must not find them by "back".
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
