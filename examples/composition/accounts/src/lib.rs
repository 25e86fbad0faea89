//! Signing in, and messages for the next page: a part of any site.
//!
//! An application puts [`Auth`] and [`Messages`] into its own session data with `#[session(flatten)]`, and merges
//! [`routes`] with its own.

use axum::Router;
use axum::extract::Form;
use axum::response::{Html, Redirect};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};
use session_runtime::{Contains, Session, SessionData, SessionManager, Token};

/// Who is signed in. The prefix keeps the keys apart from those of the application and of other libraries.
#[derive(Debug, SessionData)]
#[session(prefix = "auth")]
pub struct Auth {
    /// `rotate`: signing in replaces the cookie, so that whoever planted the one before is left with nothing.
    #[session(rotate)]
    user: Option<UserId>,
}

/// What visitors are told once.
#[derive(Debug, SessionData)]
#[session(prefix = "messages")]
pub struct Messages {
    flash: Vec<String>,
}

/// A user, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserId(pub String);

/// The pages of this crate, for a router under the layer of a schema that has both slices, and under that schema's
/// [`csrf_layer`](SessionManager::csrf_layer): these forms have nothing of their own against other sites' pages.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/sign-in", get(form).post(sign_in))
        .route("/sign-out", post(sign_out))
        .route("/who", get(who_am_i))
        .route("/messages", get(messages))
}

/// Who is signed in, without HTTP: for WebSockets and workers. Sessions without the slice [`Auth`] don't compile here.
///
/// # Errors
/// When the store fails.
pub async fn user_of<T>(sessions: &SessionManager<T>, token: &Token) -> session_runtime::Result<Option<UserId>>
where
    T: SessionData + Contains<Auth>,
{
    match sessions.slice::<Auth>().open(token).await? {
        Some(session) => session.user().await,
        None => Ok(None),
    }
}

async fn form() -> Html<&'static str> {
    Html("<form method=post><label>Your name <input name=name required></label> <button>Sign in</button></form>")
}

#[derive(Deserialize)]
struct SignIn {
    name: String,
}

async fn sign_in(
    session: Session<Auth>,
    messages: Session<Messages>,
    Form(SignIn { name }): Form<SignIn>,
) -> session_runtime::Result<Redirect> {
    messages.set_flash(vec![format!("Hello, {name}.")]).await?;
    session.set_user(UserId(name)).await?;
    Ok(Redirect::to("/"))
}

async fn sign_out(session: Session<Auth>, messages: Session<Messages>) -> session_runtime::Result<Redirect> {
    // The whole session ends, with what the application has in it. The message begins a new one.
    session.destroy().await?;
    messages.set_flash(vec!["You are signed out.".into()]).await?;
    Ok(Redirect::to("/"))
}

async fn who_am_i(session: Session<Auth>) -> session_runtime::Result<String> {
    Ok(match session.user().await? {
        Some(UserId(name)) => format!("You are {name}.\n"),
        None => "You are not signed in.\n".into(),
    })
}

async fn messages(session: Session<Messages>) -> session_runtime::Result<String> {
    let messages = session.take_flash().await?.unwrap_or_default();
    Ok(messages.into_iter().map(|message| message + "\n").collect())
}
