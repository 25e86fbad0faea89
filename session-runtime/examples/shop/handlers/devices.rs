//! Where the visitor is signed in, and signing out there.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use session_runtime::{Session, SessionInfo, SessionManager};

use crate::error::AppError;
use crate::frame::Frame;
use crate::pages;
use crate::pages::devices::SignIn;
use crate::schema::{Flash, Shop};

/// One of the visitor's sign-ins, by its session's public name.
#[derive(Deserialize)]
pub(super) struct Which {
    session: String,
}

pub(super) async fn show(
    State(sessions): State<SessionManager<Shop>>,
    session: Session<Shop>,
    frame: Frame,
) -> Result<Response, AppError> {
    let Some(user) = &frame.user else { return Ok(Redirect::to("/sign-in").into_response()) };
    let list = sessions.sessions(&Shop::USER, user).await?;
    let sign_ins = list.iter().map(|info| sign_in(info, &session)).collect::<Result<Vec<_>, _>>()?;
    Ok(pages::devices::show(&frame, &sign_ins).into_response())
}

fn sign_in(info: &SessionInfo, own: &Session<Shop>) -> session_runtime::Result<SignIn> {
    Ok(SignIn {
        session: info.id(),
        device: info.get(&Shop::DEVICE)?.unwrap_or_default(),
        last_used: info.last_used(),
        is_this: own.id() == Some(info.id()),
    })
}

/// Takes any name, and ends only a session of this visitor's.
pub(super) async fn sign_out(
    State(sessions): State<SessionManager<Shop>>,
    session: Session<Shop>,
    Form(form): Form<Which>,
) -> Result<Redirect, AppError> {
    let id = form.session.parse().map_err(|_| AppError::NotFound)?;
    let Some(user) = session.user().await? else { return Ok(Redirect::to("/sign-in")) };
    if sessions.revoke_one(&Shop::USER, &user, id).await? {
        session.set_flash(Flash::Done("That device is signed out.".to_owned())).await?;
    }
    Ok(Redirect::to("/devices"))
}

pub(super) async fn sign_out_others(
    State(sessions): State<SessionManager<Shop>>,
    session: Session<Shop>,
) -> Result<Redirect, AppError> {
    if sessions.revoke_others(&session, &Shop::USER).await? > 0 {
        session.set_flash(Flash::Done("You are signed out everywhere else.".to_owned())).await?;
    }
    Ok(Redirect::to("/devices"))
}
