//! Requirement 39: what pages of other sites cause changes nothing.

use axum::routing::get;
use reqwest::{Method, RequestBuilder};
use session_runtime::{CsrfToken, Session, SessionError, SessionManager};
use session_tests::{Answer, Browser};

use crate::world::{Account, Place, World, look, routes};

async fn site(world: &World<'_>) -> Place {
    let sessions = SessionManager::<Account>::builder(world.store.clone()).clock(&world.clock).build().unwrap();
    let form = get(async |session: Session<Account>| -> Result<String, SessionError> {
        Ok(session.csrf_token().await?.expect("a session").to_string())
    });
    let routes = routes().route("/form", form).layer(sessions.csrf_layer().require_token());
    Place::open(sessions, routes, &world.tokens).await
}

/// A form that the browser sends, with its cookie, whoever made it.
fn form(site: &Place, browser: &Browser, token: &str) -> RequestBuilder {
    let cookie = format!("__Host-session={}", browser.token().unwrap());
    let form = [(CsrfToken::FIELD, token), ("note", "forged")];
    site.request(Method::POST, "/count").header("cookie", cookie).form(&form)
}

async fn status(request: RequestBuilder) -> u16 {
    Answer::of(request).await.status.as_u16()
}

requirements! {
    async fn requirement_39_other_sites_change_nothing(world) {
        let site = site(&world).await;
        let browser = site.signed_in(7).await;
        let token = browser.get("/form").await.text;
        for from in [("sec-fetch-site", "cross-site"), ("sec-fetch-site", "same-site"), ("origin", "https://evil.example")] {
            assert_eq!(status(form(&site, &browser, &token).header(from.0, from.1)).await, 403);
        }
        for wrong in ["", "A", &token[1..], &token.replace(char::is_alphabetic, "A")] {
            assert_eq!(status(form(&site, &browser, wrong)).await, 403, "{wrong}");
        }
        assert_eq!(look(&browser).await, "Some(7) None 0");
        assert_eq!(status(form(&site, &browser, &token).header("sec-fetch-site", "same-origin")).await, 200);
        assert_eq!(look(&browser).await, "Some(7) None 1");
    }

    async fn requirement_39_a_token_is_of_one_session_and_new_at_sign_in(world) {
        let site = site(&world).await;
        let (browser, other) = (site.signed_in(7).await, site.signed_in(8).await);
        let (own, theirs) = (browser.get("/form").await.text, other.get("/form").await.text);
        assert_eq!(status(form(&site, &browser, &theirs)).await, 403);
        assert_eq!(status(form(&site, &browser, &own)).await, 200);
        let cookie = format!("__Host-session={}", browser.token().unwrap());
        let again = site.request(Method::POST, "/sign-in").header("cookie", cookie).header(CsrfToken::HEADER, &own).body("7");
        let answer = Answer::of(again).await;
        assert_eq!(answer.status, 200);
        browser.plant(&answer.set_cookies()[0]);
        assert_eq!(status(form(&site, &browser, &own)).await, 403);
        let new = browser.get("/form").await.text;
        assert_eq!(status(form(&site, &browser, &new)).await, 200);
    }
}
