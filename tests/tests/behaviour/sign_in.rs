//! Sign-in and sign-out against requests that run at the same time.

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use session_runtime::{Session, SessionError, SessionManager};
use session_tests::{Shop, Site, TestStore, on_each_store};
use tokio::sync::Barrier;

type Handle = Session<Shop>;

const ROUNDS: usize = 1000;

on_each_store! {
    /// A slow request loads, a sign-out ends the session, and the slow request writes: 1,000 times, by each kind of write.
    async fn a_write_after_sign_out_brings_nothing_back(store) {
        let sessions = SessionManager::<Shop>::new(store);
        for round in 0..ROUNDS {
            let (session, slow) = (begin(&sessions).await, round % 5);
            let token = session.token().unwrap();
            let slow_handle = sessions.open(&token).await.unwrap().unwrap();
            slow_handle.cart().await.unwrap();
            session.destroy().await.unwrap();
            assert!(matches!(write(&slow_handle, slow).await, Err(SessionError::Gone)), "write {slow}");
            assert!(sessions.open(&token).await.unwrap().is_none());
        }
    }

    /// The other order, and every order in between: the two run at the same time, and the session is gone in the end.
    async fn a_write_racing_sign_out_brings_nothing_back(store) {
        let sessions = SessionManager::<Shop>::new(store);
        for round in 0..ROUNDS {
            let session = begin(&sessions).await;
            let token = session.token().unwrap();
            let slow = sessions.open(&token).await.unwrap().unwrap();
            // Not a rotation: whoever rotates first makes the other's token the old one.
            let kind = [0, 1, 4][round % 3];
            let writing = tokio::spawn(async move { write(&slow, kind).await });
            session.destroy().await.unwrap();
            match writing.await.unwrap() {
                Ok(()) | Err(SessionError::Gone) => {}
                Err(error) => panic!("{error}"),
            }
            assert!(sessions.open(&token).await.unwrap().is_none(), "the session came back");
        }
    }

    /// Over HTTP: the browser signs out while other requests of it write; it ends signed out, whatever came last.
    async fn a_browser_that_signs_out_is_signed_out(store) {
        let site = open_site(store).await;
        for _ in 0..25 {
            let ada = site.visitor();
            ada.get("/sign-in").await;
            let old = ada.copy();
            let (parallel, one, two) = (ada.copy(), ada.copy(), ada.copy());
            tokio::join!(ada.get("/sign-out"), parallel.get("/write"), one.get("/read-write"), two.get("/update"));
            assert_eq!(old.get("/user").await.text, "None");
            for tab in [&parallel, &one, &two] {
                assert_eq!(tab.get("/user").await.text, "None", "a session that began anew has nobody signed in");
            }
        }
    }

    /// Sign-in against parallel requests with the old token: readers, writers and blind writers send no cookie, so the
    /// browser ends signed in, always.
    async fn a_browser_that_signs_in_is_signed_in(store) {
        let site = open_site(store).await;
        for _ in 0..25 {
            let ada = site.visitor();
            ada.get("/write").await;
            // One jar: whatever answer comes last decides which cookie is kept.
            tokio::join!(
                ada.get("/sign-in"), ada.get("/user"), ada.get("/write"), ada.get("/read-write"), ada.get("/update"),
            );
            assert_eq!(ada.get("/user").await.text, "Some(7)");
        }
    }

    /// The same after the sign-in is answered: late requests with the old token change nothing and send no cookie.
    async fn late_requests_with_the_old_token_harm_nothing(store) {
        let site = open_site(store).await;
        let ada = site.visitor();
        ada.get("/write").await;
        let late = ada.copy();
        ada.get("/sign-in").await;
        for page in ["/user", "/take", "/write", "/read-write", "/update", "/sign-out", "/regenerate"] {
            let reply = late.get(page).await;
            let refused = ["/update", "/sign-out"].contains(&page);
            assert_eq!((reply.status.as_u16(), reply.set_cookies.len()), (if refused { 409 } else { 200 }, 0), "{page}");
        }
        assert_eq!(late.get("/user").await.text, "None", "reads are absent");
        assert_eq!((&*ada.get("/user").await.text, &*ada.get("/count").await.text), ("Some(7)", "1"));
    }

    /// Two rotations in one request: the cookie that the browser has is still told from an unknown one.
    async fn two_rotations_in_one_request_supersede_the_browsers_cookie(store) {
        let routes = site_routes().route("/twice", get(|session: Handle| async move {
            session.regenerate().await?;
            session.commit().await?;
            session.set_user(7).await
        }));
        let site = Site::open(&SessionManager::<Shop>::new(store), routes).await;
        let ada = site.visitor();
        ada.get("/write").await;
        let late = ada.copy();
        assert_eq!(ada.get("/twice").await.set_cookies.len(), 1);
        assert_eq!(late.get("/write").await.set_cookies.len(), 0, "a late request begins no session");
        assert_eq!(ada.get("/user").await.text, "Some(7)");
    }

    /// A session that ended under a request is not begun anew by signing in to it: the request is told.
    async fn signing_in_to_an_ended_session_is_refused(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let ending = sessions.clone();
        let routes = site_routes().route("/slow-sign-in", get(move |session: Handle| async move {
            session.cart().await?;
            ending.open(&session.token().unwrap()).await?.unwrap().destroy().await?;
            let refused = session.update_cart(|cart| cart.push("tea".into())).await;
            assert!(matches!(refused, Err(SessionError::Gone)));
            session.set_user(7).await?;
            session.commit().await
        }));
        let site = Site::open(&sessions, routes).await;
        let ada = site.visitor();
        ada.get("/write").await;
        let reply = ada.get("/slow-sign-in").await;
        assert_eq!((reply.status.as_u16(), reply.set_cookies.len()), (409, 0));
    }

    /// A token that was planted before sign-in reads and writes nothing after it.
    async fn a_planted_token_is_worth_nothing_after_sign_in(store) {
        let site = open_site(store).await;
        let attacker = site.visitor();
        attacker.get("/write").await;
        let victim = attacker.copy();
        victim.get("/sign-in").await;
        for page in ["/user", "/write", "/read-write", "/update", "/sign-out"] {
            attacker.get(page).await;
        }
        assert_eq!(attacker.get("/user").await.text, "None");
        assert_eq!((&*victim.get("/user").await.text, &*victim.get("/count").await.text), ("Some(7)", "1"));
    }

    /// Two sign-ins with one old token: only setting a `rotate` field begins a session under a superseded token.
    async fn a_double_sign_in_ends_signed_in(store) {
        let site = open_site(store).await;
        for _ in 0..25 {
            let ada = site.visitor();
            ada.get("/write").await;
            tokio::join!(ada.get("/sign-in"), ada.get("/sign-in"), ada.get("/read-sign-in"));
            assert_eq!(ada.get("/user").await.text, "Some(7)");
        }
    }
}

/// Requests that load the old session, wait for the sign-in to be stored, and only then write: their changes are dropped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_loaded_before_sign_in_changes_nothing_after_it() {
    let (store, _kept) = session_tests::memory().await;
    let sessions = SessionManager::<Shop>::new(store);
    let barrier = Arc::new(Barrier::new(2));
    let (loaded, signed_in) = (barrier.clone(), barrier);
    let routes = site_routes()
        .route(
            "/slow",
            get(move |session: Handle| async move {
                session.count().await?;
                loaded.wait().await;
                loaded.wait().await;
                session.set_count(666).await
            }),
        )
        .route(
            "/gated-sign-in",
            get(move |session: Handle| async move {
                signed_in.wait().await;
                session.set_user(7).await?;
                session.commit().await?;
                signed_in.wait().await;
                Ok::<_, SessionError>(())
            }),
        );
    let site = Site::open(&sessions, routes).await;
    let ada = site.visitor();
    ada.get("/write").await;
    let other_tab = ada.copy();
    let (slow, sign_in) = tokio::join!(other_tab.get("/slow"), ada.get("/gated-sign-in"));
    assert_eq!((slow.status, slow.set_cookies.len(), sign_in.set_cookies.len()), (http_ok(), 0, 1));
    assert_eq!(ada.get("/count").await.text, "1");
}

fn http_ok() -> axum::http::StatusCode {
    axum::http::StatusCode::OK
}

async fn begin(sessions: &SessionManager<Shop>) -> Handle {
    let session = sessions.start().buffered();
    session.set_user(7).await.unwrap();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    session.commit().await.unwrap();
    sessions.open(&session.token().unwrap()).await.unwrap().unwrap()
}

async fn write(session: &Handle, kind: usize) -> Result<(), SessionError> {
    match kind {
        0 => session.set_count(2).await,
        1 => session.update_cart(|cart| cart.push("late".into())).await,
        2 => session.take_user().await.map(drop),
        3 => session.regenerate().await,
        _ => session.remember(std::time::Duration::from_secs(1000)).await,
    }
}

fn site_routes() -> Router {
    Router::new()
        .route("/write", get(|session: Handle| async move { session.set_count(1).await }))
        .route(
            "/read-write",
            get(|session: Handle| async move {
                session.cart().await?;
                session.set_theme(session_tests::Theme::Light).await
            }),
        )
        .route(
            "/update",
            get(|session: Handle| async move { session.update_cart(|cart| cart.push("tea".into())).await }),
        )
        .route("/regenerate", get(|session: Handle| async move { session.regenerate().await }))
        .route("/sign-in", get(|session: Handle| async move { session.set_user(7).await }))
        .route(
            "/read-sign-in",
            get(|session: Handle| async move {
                session.cart().await?;
                session.set_user(7).await
            }),
        )
        .route("/take", get(|session: Handle| async move { session.take_flash().await.map(Option::unwrap_or_default) }))
        .route("/sign-out", get(|session: Handle| async move { session.destroy().await }))
        .route("/user", get(|session: Handle| async move { session.user().await.map(|user| format!("{user:?}")) }))
        .route("/count", get(|session: Handle| async move { session.count().await.map(|count| count.to_string()) }))
}

async fn open_site(store: TestStore) -> Site {
    Site::open(&SessionManager::<Shop>::new(store), site_routes()).await
}
