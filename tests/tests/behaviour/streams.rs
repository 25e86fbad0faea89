//! Writes after the response head is out: stored, or refused; never lost in silence.

use std::convert::Infallible;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use futures_util::stream;
use session_runtime::{Session, SessionError, SessionManager};
use session_tests::{Shop, Site, on_each_store};

type Handle = Session<Shop>;

/// A response whose body is what the work says, done after the head is out.
fn later(work: impl Future<Output = String> + Send + 'static) -> Response {
    let body = stream::once(async move { Ok::<_, Infallible>(Bytes::from(work.await)) });
    Response::new(Body::from_stream(body))
}

fn name<T>(result: Result<T, SessionError>) -> &'static str {
    match result {
        Ok(_) => "stored",
        Err(SessionError::ResponseSent) => "sent",
        Err(SessionError::Gone) => "gone",
        Err(_) => "other",
    }
}

fn routes() -> Router {
    Router::new()
        .route("/begin", get(|session: Handle| async move { session.set_count(1).await }))
        .route(
            "/late-writes",
            get(|session: Handle| async move {
                session.count().await.unwrap();
                later(async move {
                    let set = name(session.set_cart(vec!["late".into()]).await);
                    let update = name(session.update_count(|count| *count += 1).await);
                    let remove = name(session.remove_flash().await);
                    format!("{set} {update} {remove}")
                })
            }),
        )
        .route(
            "/late-blind-write",
            get(|session: Handle| async move {
                later(async move { name(session.set_cart(vec!["late".into()]).await).into() })
            }),
        )
        .route(
            "/late-token",
            get(|session: Handle| async move {
                session.count().await.unwrap();
                later(async move {
                    let sign_in = name(session.set_user(7).await);
                    let regenerate = name(session.regenerate().await);
                    let remember = name(session.remember(std::time::Duration::from_secs(1000)).await);
                    format!("{sign_in} {regenerate} {remember} {:?}", session.user().await.unwrap())
                })
            }),
        )
        .route(
            "/late-destroy",
            get(|session: Handle| async move {
                session.count().await.unwrap();
                later(async move { name(session.destroy().await).into() })
            }),
        )
        .route(
            "/both",
            get(|session: Handle| async move {
                session.set_theme(session_tests::Theme::Light).await.unwrap();
                later(async move { name(session.update_count(|count| *count += 1).await).into() })
            }),
        )
}

on_each_store! {
    /// In a stored session a late write is stored.
    async fn a_late_write_is_stored(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let site = Site::open(&sessions, routes()).await;
        let ada = site.visitor();
        ada.get("/begin").await;
        assert_eq!(ada.get("/late-writes").await.text, "stored stored stored");
        assert_eq!(ada.get("/late-blind-write").await.text, "stored");
        assert_eq!(ada.get("/both").await.text, "stored");
        let found = sessions.open(&ada.token()).await.unwrap().unwrap().snapshot().await.unwrap();
        assert_eq!((found.count, found.cart, found.theme), (3, vec!["late".to_owned()], session_tests::Theme::Light));
    }

    /// A write that needs a new cookie is refused, and nothing of it is stored.
    async fn a_late_write_that_needs_a_cookie_is_refused(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let site = Site::open(&sessions, routes()).await;
        let stranger = site.visitor();
        assert_eq!(stranger.get("/late-writes").await.text, "sent sent stored");
        assert_eq!(stranger.get("/late-blind-write").await.text, "sent");
        assert_eq!(stranger.cookie(), None);
        let unknown = site.visitor().with_cookie(session_tests::forged_token().await.to_string());
        assert_eq!(unknown.get("/late-blind-write").await.text, "sent");
        let ada = site.visitor();
        ada.get("/begin").await;
        assert_eq!(ada.get("/late-token").await.text, "sent sent sent None");
        assert!(sessions.open(&ada.token()).await.unwrap().unwrap().user().await.unwrap().is_none());
    }

    /// A session that begins with the response can be written to while the body is sent.
    async fn a_new_session_can_be_written_to_while_streaming(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let site = Site::open(&sessions, routes()).await;
        let ada = site.visitor();
        let reply = ada.get("/both").await;
        assert_eq!((&*reply.text, reply.set_cookies.len()), ("stored", 1));
        assert_eq!(sessions.open(&ada.token()).await.unwrap().unwrap().count().await.unwrap(), 1);
    }

    /// Ending a session needs no new cookie.
    async fn a_late_destroy_ends_the_session(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let site = Site::open(&sessions, routes()).await;
        let ada = site.visitor();
        ada.get("/begin").await;
        assert_eq!(ada.get("/late-destroy").await.text, "stored");
        assert!(sessions.open(&ada.token()).await.unwrap().is_none());
    }
}
