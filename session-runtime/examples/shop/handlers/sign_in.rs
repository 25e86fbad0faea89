//! Signing in and out. Any name will do, with one password that is written on the page.

use std::time::Duration;

use axum::Form;
use axum::extract::Query;
use axum::http::HeaderMap;
use axum::response::{Html, Redirect};
use serde::Deserialize;
use session_runtime::Session;

use crate::device;
use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::pages::sign_in::Wrong;
use crate::schema::{Flash, Shop};

/// How long "remember me" keeps a visitor signed in.
const REMEMBERED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const MAX_NAME: usize = 40;

#[derive(Deserialize)]
pub(super) struct Credentials {
    name: String,
    password: String,
    /// Browsers leave out a box that is not checked.
    remember: Option<String>,
}

impl Credentials {
    fn wrong(&self) -> Option<Wrong> {
        if self.name.trim().is_empty() || self.name.chars().count() > MAX_NAME {
            return Some(Wrong::Name);
        }
        (self.password != pages::sign_in::PASSWORD).then_some(Wrong::Password)
    }
}

/// What to say on the page. It comes with the address, not from the session: a failed try leaves nothing in the
/// store.
#[derive(Deserialize)]
pub(super) struct Outcome {
    wrong: Option<Wrong>,
}

pub(super) async fn show(frame: Frame, Query(outcome): Query<Outcome>) -> Html<String> {
    pages::sign_in::show(&frame, outcome.wrong)
}

pub(super) async fn sign_in(
    session: Session<Shop>,
    headers: HeaderMap,
    Form(form): Form<Credentials>,
) -> Result<Redirect, AppError> {
    if let Some(wrong) = form.wrong() {
        return Ok(Redirect::to(&format!("/sign-in?wrong={}", wrong.value())));
    }
    let name = form.name.trim();
    // Replaces the cookie too, as `user` is a `rotate` field. All the rest, such as the cart, stays.
    session.set_user(name.to_owned()).await?;
    session.set_device(device::label(&headers)).await?;
    if form.remember.is_some() {
        session.remember(REMEMBERED_FOR).await?;
    }
    session.set_flash(Flash::Done(format!("Welcome, {name}!"))).await?;
    Ok(Redirect::to("/account"))
}

/// Ends the whole session, with the cart: on a shared computer, nothing of it is left for the next visitor.
pub(super) async fn sign_out(session: Session<Shop>) -> Result<Redirect, AppError> {
    session.destroy().await?;
    // A page of its own says goodbye. A flash message would begin a new session.
    Ok(Redirect::to("/signed-out"))
}

pub(super) async fn signed_out(frame: Frame) -> Html<String> {
    pages::sign_in::signed_out(&frame)
}
