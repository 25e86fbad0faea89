//! The token of a session: which requests it is good for, and for how long.

use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::testing::ManualClock;
use session_runtime::{CsrfError, CsrfToken, MemoryStore, SessionError, SessionManager};
use session_tests::{Events, Shop, forged_token, on_each_store};

use super::{Browser, with_tokens};

const MINUTE: Duration = Duration::from_secs(60);

on_each_store! {
    /// A form passes with its session's token, whichever of its spellings, and not without.
    async fn a_form_needs_its_sessions_token(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let mut ada = Browser::with_session(with_tokens(&sessions)).await;
        let [one, other] = [ada.get("/form").await.passed(), ada.get("/form").await.passed()];
        assert_ne!(one, other, "a fresh mask for each page");
        ada.post_with("/add", &one).await.passed();
        ada.post_with("/add", &other).await.passed();
        ada.post_with("/add", &one).await.passed();
        ada.post("/add", "quantity=3").await.refused(CsrfError::MissingToken);
        ada.post_with("/add", "").await.refused(CsrfError::WrongToken);
        assert_eq!(ada.get("/count").await.passed(), "4");
    }

    /// Signing in makes a new token: a form that somebody prepared before is refused.
    async fn signing_in_makes_a_new_token(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let mut ada = Browser::with_session(with_tokens(&sessions)).await;
        let before = ada.get("/form").await.passed();
        let at_once = ada.post_with("/sign-in", &before).await.passed();
        ada.post_with("/add", &before).await.refused(CsrfError::WrongToken);
        ada.post_with("/add", &at_once).await.passed();
        let later = ada.get("/form").await.passed();
        ada.post_with("/add", &later).await.passed();
        let regenerated = ada.get("/regenerate").await.passed();
        ada.post_with("/add", &later).await.refused(CsrfError::WrongToken);
        ada.post_with("/add", &regenerated).await.passed();
    }

    /// Renewal keeps the token, however often: forms that are open go on.
    async fn renewal_keeps_the_token(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(MINUTE).build().unwrap();
        let mut ada = Browser::with_session(with_tokens(&sessions)).await;
        let token = ada.get("/form").await.passed();
        for _ in 0..3 {
            clock.advance(2 * MINUTE);
            let before = ada.cookie.clone();
            ada.get("/count").await.passed();
            assert_ne!(ada.cookie, before, "the cookie is renewed");
            ada.post_with("/add", &token).await.passed();
        }
        clock.advance(2 * MINUTE);
        let before = ada.cookie.clone();
        ada.post_with("/add", &token).await.passed();
        assert_ne!(ada.cookie, before, "by the form itself too");
    }

    /// Another session's token is worth nothing, whoever it is of.
    async fn another_sessions_token_is_refused(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let routes = with_tokens(&sessions);
        let (mut ada, mut eve) = (Browser::with_session(routes.clone()).await, Browser::with_session(routes).await);
        let hers = eve.get("/form").await.passed();
        ada.post_with("/add", &hers).await.refused(CsrfError::WrongToken);
        eve.post_with("/add", &hers).await.passed();
    }

    /// A page that begins the session has a token that is good afterwards; so has one that is asked for with an old cookie.
    async fn a_page_that_begins_a_session_has_its_token(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let mut unknown = Browser::new(with_tokens(&sessions));
        unknown.cookie = format!("__Host-session={}", forged_token().await);
        let superseded = Browser::with_session(with_tokens(&sessions)).await;
        superseded.clone().get("/regenerate").await.passed();
        for (mut visitor, page) in
            [(Browser::new(with_tokens(&sessions)), "/begin"), (unknown, "/begin"), (superseded, "/sign-in")]
        {
            let before = visitor.cookie.clone();
            let token = visitor.get(page).await.passed();
            assert_ne!(visitor.cookie, before);
            visitor.post("/add", "").await.refused(CsrfError::MissingToken);
            visitor.post_with("/add", &token).await.passed();
        }
    }

    /// Asking for a token begins no session. Whoever has none needs none.
    async fn who_has_no_session_needs_no_token(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let mut nobody = Browser::new(with_tokens(&sessions));
        assert_eq!(nobody.get("/form").await.passed(), "");
        assert_eq!(nobody.cookie, "");
        nobody.post("/add", "").await.passed();
        let signed_out = nobody.get("/sign-out").await.passed();
        assert_eq!(signed_out, "");
        nobody.post("/add", "").await.passed();
    }

    /// Handlers can check by themselves: the error is typed, and a 403 where it becomes a response.
    async fn handlers_can_check_by_themselves(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        assert!(session.csrf_token().await.unwrap().is_none());
        let error = session.verify_csrf("").await.unwrap_err();
        assert!(matches!(error, SessionError::Csrf(CsrfError::WrongToken)), "{error:?}");
        assert_eq!(error.status(), StatusCode::FORBIDDEN);

        session.set_count(1).await.unwrap();
        let token = session.csrf_token().await.unwrap().unwrap().to_string();
        let again = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
        again.verify_csrf(&token).await.unwrap();
        again.set_user(7).await.unwrap();
        assert!(again.verify_csrf(&token).await.is_err());
        again.destroy().await.unwrap();
        assert!(again.csrf_token().await.unwrap().is_none());
    }

    /// What a request has collected is not yet so for the form that it sent, but is for the next one.
    async fn a_collected_rotation_counts_for_the_next_form(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let session = sessions.start();
        session.set_count(1).await.unwrap();
        let sent = session.csrf_token().await.unwrap().unwrap().to_string();
        let session = session.buffered();
        session.set_user(7).await.unwrap();
        let next = session.csrf_token().await.unwrap().unwrap().to_string();
        session.verify_csrf(&sent).await.unwrap();
        assert!(session.verify_csrf(&next).await.is_err());
        session.commit().await.unwrap();
        session.verify_csrf(&next).await.unwrap();
        assert!(session.verify_csrf(&sent).await.is_err());
    }
}

/// Every byte counts, and only the exact text is a token.
#[tokio::test]
async fn every_byte_of_the_token_counts() {
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    let token = session.csrf_token().await.unwrap().unwrap().to_string();
    assert_eq!(token.len(), 43);
    assert!(token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'));
    for at in 0..token.len() {
        for other in ['A', 'Q', 'g', '-'] {
            let mut wrong = token.clone();
            wrong.replace_range(at..=at, &other.to_string());
            let is_it = session.verify_csrf(&wrong).await.is_ok();
            assert_eq!(is_it, wrong == token, "{wrong} for {token}");
        }
    }
    let longer = format!("{token}A");
    for wrong in ["", &token[1..], &token[..42], &longer, &"A".repeat(43), &"ä".repeat(43)] {
        assert!(session.verify_csrf(wrong).await.is_err(), "{wrong}");
    }
}

/// The token tells nothing of what opens the session, and neither tells the other's text.
#[tokio::test]
async fn a_token_is_shown_by_nothing_but_its_text() {
    let events = Events::collect();
    let sessions = SessionManager::<Shop>::new(MemoryStore::new());
    let mut ada = Browser::with_session(with_tokens(&sessions)).await;
    let token = ada.get("/form").await.passed();
    ada.post_with("/add", &token[1..]).await.refused(CsrfError::WrongToken);
    assert_eq!(events.count("a request was refused"), 1, "{}", events.text());
    assert!(events.text().contains("is not that of the session"));
    assert!(!events.text().contains(&token[1..]), "{}", events.text());
    assert!(!events.text().contains(&ada.cookie[15..]), "{}", events.text());
    let debug = format!("{:?}", sessions.start().csrf_token().await);
    assert_eq!(debug, "Ok(None)");
    let session = sessions.start();
    session.set_count(1).await.unwrap();
    let made: CsrfToken = session.csrf_token().await.unwrap().unwrap();
    assert_eq!(format!("{made:?}"), "CsrfToken(..)");
}
