//! A site with accounts: its session is made of slices that a library owns, and of a field of its own.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use composition_accounts::{Auth, Messages};
use session_runtime::{Session, SessionData, SessionManager};

/// One visitor's session.
#[derive(Debug, SessionData)]
pub struct Site {
    /// The library's, which knows no more of this session.
    #[session(flatten)]
    auth: Auth,
    #[session(flatten)]
    messages: Messages,
    /// How often the visitor was on the first page.
    visits: u32,
}

/// All pages, the library's too, under one layer: one session, one cookie, one commit for each request. Forms of other sites
/// change nothing.
pub fn app(sessions: &SessionManager<Site>) -> Router {
    Router::new()
        .route("/", get(home))
        .merge(composition_accounts::routes())
        .layer(sessions.csrf_layer())
        .layer(sessions.layer())
}

async fn home(session: Session<Site>) -> session_runtime::Result<Html<String>> {
    let visits = session
        .update_visits(|visits| {
            *visits += 1;
            *visits
        })
        .await?;
    let account = match session.auth().user().await? {
        Some(_) => "<form method=post action=/sign-out><button>Sign out</button></form>",
        None => "<a href=/sign-in>Sign in</a>",
    };
    Ok(Html(format!("<p>Visit {visits}. <a href=/who>Who am I?</a> <a href=/messages>Messages</a></p>{account}")))
}

#[cfg(test)]
mod tests {
    /// Fails when a change would break sessions that are live: see `session-schemas/Site.txt`.
    #[test]
    fn sessions_survive_this_release() {
        session_runtime::assert_schema!(super::Site);
    }
}
