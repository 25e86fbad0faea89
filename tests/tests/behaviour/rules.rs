//! The rules of behaviour, each over real HTTP. Those about sign-in, lifetimes, races and faults have files of their own.

use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use session_runtime::testing::{FaultyStore, Operation};
use session_runtime::{MemoryStore, OnServerError, Result, Session, SessionManager};
use session_tests::{Events, Shop, Site, on_each_store};

type Handle = Session<Shop>;

/// Routes that most tests need.
fn routes() -> Router {
    Router::new()
        .route("/nothing", get(|_session: Handle| async { "nothing" }))
        .route("/read", get(|session: Handle| async move { Ok::<_, session_runtime::SessionError>(session.count().await?.to_string()) }))
        .route("/set", get(|session: Handle| async move { session.set_count(1).await }))
        .route("/equal", get(|session: Handle| async move { session.count().await?; session.set_count(1).await }))
        .route("/update", get(|session: Handle| async move { session.update_count(|count| *count += 1).await }))
        .route("/take", get(|session: Handle| async move { session.take_flash().await.map(Option::unwrap_or_default) }))
        .route("/remove", get(|session: Handle| async move { session.remove_count().await }))
        .route("/regenerate", get(|session: Handle| async move { session.regenerate().await }))
        .route("/remember", get(|session: Handle| async move { session.remember(Duration::from_secs(86_400)).await }))
        .route("/destroy", get(|session: Handle| async move { session.destroy().await }))
        .route("/sign-in", get(|session: Handle| async move { session.set_user(7).await }))
        .route("/user", get(|session: Handle| async move { session.user().await.map(|user| format!("{user:?}")) }))
}

on_each_store! {
    /// Rule 1: a request that does not touch its session costs nothing and says nothing.
    async fn rule_01_an_unused_session_costs_nothing(store) {
        let store = FaultyStore::new(store);
        let site = Site::open(&SessionManager::<Shop>::new(store.clone()), routes()).await;
        let ada = site.visitor();
        ada.get("/set").await;
        store.forget();
        let reply = ada.get("/nothing").await;
        assert_eq!(store.calls(), []);
        assert!(reply.set_cookies.is_empty() && reply.vary.is_empty() && reply.cache_control.is_empty(), "{reply:?}");
    }

    /// Rule 2: without a cookie, with a malformed one and with an unknown one, reading finds nothing and leaves nothing.
    async fn rule_02_reading_begins_no_session(store) {
        let store = FaultyStore::new(store);
        let site = Site::open(&SessionManager::<Shop>::new(store.clone()), routes()).await;
        let forged = session_tests::forged_token().await.to_string();
        for cookie in [None, Some("malformed"), Some(&*forged)] {
            let visitor = site.visitor();
            let visitor = cookie.map_or(visitor.clone(), |cookie| visitor.with_cookie(cookie));
            for page in ["/read", "/user", "/remove", "/regenerate", "/remember", "/take"] {
                let reply = visitor.get(page).await;
                assert_eq!((reply.status, reply.set_cookies.len()), (StatusCode::OK, 0), "{page} with {cookie:?}");
            }
            assert!(!store.calls().contains(&Operation::Commit) || cookie == Some(&*forged));
        }
    }

    /// Rule 2: an unknown token is never adopted: the session that begins has another.
    async fn rule_02_an_unknown_token_is_never_adopted(store) {
        let site = Site::open(&SessionManager::<Shop>::new(store), routes()).await;
        for page in ["/set", "/update", "/sign-in", "/equal"] {
            let forged = session_tests::forged_token().await;
            let victim = site.visitor().with_cookie(forged.to_string());
            victim.get(page).await;
            assert_ne!(victim.token().id(), forged.id(), "{page}");
            let attacker = site.visitor().with_cookie(forged.to_string());
            assert_eq!(attacker.get("/read").await.text, "0");
        }
    }

    /// Rule 4: what was read before a loaded field is set to the same bytes again is no change.
    async fn rule_04_an_equal_value_is_no_change(store) {
        let store = FaultyStore::new(store);
        let site = Site::open(&SessionManager::<Shop>::new(store.clone()), routes()).await;
        let ada = site.visitor();
        ada.get("/set").await;
        ada.get("/read").await;
        store.forget();
        let reply = ada.get("/equal").await;
        assert_eq!((store.calls(), reply.set_cookies.len()), (vec![Operation::Load], 0));
    }

    /// Rule 5: updates and takes act at once: the next request sees them while this one is still under way.
    async fn rule_05_update_and_take_act_at_once(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let look = sessions.clone();
        let routes = routes().route("/act", get(move |session: Handle| async move {
            session.set_cart(vec!["buffered".into()]).await?;
            session.update_count(|count| *count += 10).await?;
            let token = session.token().unwrap();
            let other = look.open(&token).await?.unwrap();
            Ok::<_, session_runtime::SessionError>(format!("{} {}", other.count().await?, other.cart().await?.len()))
        }));
        let site = Site::open(&sessions, routes).await;
        let ada = site.visitor();
        ada.get("/set").await;
        assert_eq!(ada.get("/act").await.text, "11 0");
        assert_eq!(ada.get("/read").await.text, "11");
    }

    /// Rule 7: a request that had loaded a session which then ended gets `Gone` and sends no cookie header at all.
    async fn rule_07_a_session_that_ended_under_a_request_stays_ended(store) {
        let sessions = SessionManager::<Shop>::new(store);
        let ending = sessions.clone();
        let routes = routes().route("/slow", get(move |session: Handle| async move {
            session.count().await?;
            let other = ending.open(&session.token().unwrap()).await?.unwrap();
            other.destroy().await?;
            session.set_count(99).await?;
            session.set_cart(vec!["zombie".into()]).await?;
            let gone = matches!(session.update_count(|count| *count += 1).await, Err(session_runtime::SessionError::Gone));
            Ok::<_, session_runtime::SessionError>(gone.to_string())
        }));
        let site = Site::open(&sessions, routes).await;
        let ada = site.visitor();
        ada.get("/set").await;
        let reply = ada.get("/slow").await;
        assert_eq!((reply.status, &*reply.text, reply.set_cookies.len()), (StatusCode::OK, "true", 0));
        assert_eq!(ada.get("/read").await.text, "0");
    }

    /// Rule 7: a request that never loaded, and whose session has ended, begins a new one with just what it set.
    async fn rule_07_a_blind_write_to_an_ended_session_begins_a_new_one(store) {
        let site = Site::open(&SessionManager::<Shop>::new(store), routes()).await;
        let ada = site.visitor();
        ada.get("/sign-in").await;
        let ended = ada.copy();
        ada.get("/destroy").await;
        assert_eq!(ada.cookie(), None);
        let before = ended.token();
        ended.get("/set").await;
        assert_ne!(ended.token().id(), before.id());
        assert_eq!((&*ended.get("/read").await.text, &*ended.get("/user").await.text), ("1", "None"));
    }

    /// Rule 8: a new secret costs one write, however large the session is; ID and data stay.
    async fn rule_08_regenerate_is_one_small_write(store) {
        let store = FaultyStore::new(store);
        let site = Site::open(&SessionManager::<Shop>::new(store.clone()), routes()).await;
        let ada = site.visitor();
        ada.get("/set").await;
        let before = ada.token();
        store.forget();
        let reply = ada.get("/regenerate").await;
        assert_eq!(store.calls(), [Operation::Commit]);
        assert_eq!(reply.set_cookies.len(), 1);
        assert_eq!(ada.token().id(), before.id());
        assert_ne!(ada.token(), before);
        assert_eq!(ada.get("/read").await.text, "1");
        assert_eq!(site.visitor().with_cookie(before.to_string()).get("/read").await.text, "0");
    }

    /// Rule 10: changes are stored whatever the status, unless the manager is told otherwise.
    async fn rule_10_a_server_error_commits_unless_told_otherwise(store) {
        for (what, kept) in [(OnServerError::Commit, "5"), (OnServerError::Discard, "1")] {
            let sessions = SessionManager::<Shop>::builder(store.clone()).on_server_error(what).build().unwrap();
            let routes = routes()
                .route("/fail", get(|session: Handle| async move {
                    session.set_count(5).await.unwrap();
                    StatusCode::BAD_GATEWAY
                }))
                .route("/missing", get(|session: Handle| async move {
                    session.set_count(6).await.unwrap();
                    StatusCode::NOT_FOUND
                }))
                .route("/rotated", get(|session: Handle| async move {
                    session.regenerate().await.unwrap();
                    session.commit().await.unwrap();
                    session.set_count(7).await.unwrap();
                    StatusCode::INTERNAL_SERVER_ERROR
                }))
                .route("/ended", get(|session: Handle| async move {
                    session.destroy().await.unwrap();
                    StatusCode::INTERNAL_SERVER_ERROR
                }));
            let site = Site::open(&sessions, routes).await;
            let ada = site.visitor();
            ada.get("/set").await;
            assert_eq!(ada.get("/fail").await.status, 502);
            assert_eq!(ada.get("/read").await.text, kept);
            ada.get("/missing").await;
            assert_eq!(ada.get("/read").await.text, "6", "not a server error");
            assert_eq!(ada.get("/rotated").await.set_cookies.len(), 1, "a rotation's cookie is always sent");
            assert_eq!(ada.get("/read").await.text, if what == OnServerError::Commit { "7" } else { "6" });
            ada.get("/ended").await;
            assert_eq!(ada.cookie(), None, "a removal's cookie is always sent");
        }
    }

    /// Rule 10: a handler that panics commits nothing that was buffered, and the next request works.
    async fn rule_10_a_panic_commits_nothing(store) {
        let events = Events::collect();
        let routes = routes().route("/panic", get(|session: Handle| async move {
            session.set_count(99).await.unwrap();
            if session.is_new() || session.id().is_none() { panic!("in the middle") }
        }));
        let site = Site::open(&SessionManager::<Shop>::new(store), routes).await;
        let ada = site.visitor();
        ada.get("/set").await;
        assert!(ada.try_get("/panic").await.is_err());
        assert_eq!(ada.get("/read").await.text, "1");
        assert!(site.visitor().try_get("/panic").await.is_err());
        drop(events);
    }

    /// Rule 11: a failing store is an error that the handler sees, or an opaque 500; nothing is emptied or signed out.
    async fn rule_11_a_failing_store_loses_nothing(store) {
        let store = FaultyStore::new(store);
        let site = Site::open(&SessionManager::<Shop>::new(store.clone()), routes()).await;
        let ada = site.visitor();
        ada.get("/set").await;
        ada.get("/read").await;
        let cookie = ada.cookie();
        for page in ["/read", "/set", "/update", "/take", "/regenerate", "/destroy", "/sign-in", "/remove"] {
            store.inject(1, session_runtime::testing::Fault::Fail);
            let reply = ada.get(page).await;
            assert_eq!((reply.status, reply.set_cookies.len()), (StatusCode::INTERNAL_SERVER_ERROR, 0), "{page}");
            assert!(reply.text.is_empty() || reply.text == "Internal Server Error", "{page} says {}", reply.text);
            assert_eq!((ada.cookie(), &*ada.get("/read").await.text), (cookie.clone(), "1"), "after {page}");
        }
    }

    /// Rule 13: at most one cookie of ours in a response, only when the token or its lifetime changed; never cached.
    async fn rule_13_a_token_is_sent_once_and_never_cached(store) {
        let routes = routes().route("/busy", get(|session: Handle| async move {
            session.set_count(1).await?;
            session.commit().await?;
            session.regenerate().await?;
            session.commit().await?;
            session.set_user(3).await?;
            session.remember(Duration::from_secs(1000)).await?;
            session.update_count(|count| *count += 1).await?;
            Ok::<_, session_runtime::SessionError>(([(header::CACHE_CONTROL, "public, max-age=3600")], "busy"))
        }));
        let site = Site::open(&SessionManager::<Shop>::new(store), routes).await;
        let ada = site.visitor();
        let reply = ada.get("/busy").await;
        assert_eq!(reply.set_cookies.len(), 1, "{reply:?}");
        assert_eq!(reply.cache_control, ["no-store"]);
        let reply = ada.get("/read").await;
        assert_eq!((&*reply.text, reply.set_cookies.len(), reply.cache_control.len()), ("2", 0, 0));
        assert_eq!(reply.vary, ["cookie"]);
        assert_eq!(ada.get("/set").await.set_cookies.len(), 0, "nothing about the token changed");
        assert_eq!(ada.get("/remember").await.set_cookies.len(), 1, "its lifetime changed");
        let reply = ada.get("/destroy").await;
        assert_eq!((reply.set_cookies.len(), &*reply.cache_control), (1, &["no-store".to_owned()][..]));
    }

    /// Rule 14: of several cookies of our name, the one that opens a session is it, wherever it stands.
    async fn rule_14_several_cookies(store) {
        let store = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(store.clone());
        let echo = get(|session: Handle, headers: HeaderMap| async move {
            (session.count().await.map(|count| count.to_string()).unwrap(), headers[header::COOKIE].len().to_string()).0
        });
        let site = Site::open(&sessions, routes().route("/echo", echo)).await;
        let (ada, bob) = (site.visitor(), site.visitor());
        for visitor in [&ada, &bob] {
            visitor.get("/set").await;
        }
        let (ada, bob) = (ada.cookie().unwrap(), bob.cookie().unwrap());
        let forged = session_tests::forged_token().await;
        let opens = |others: String| {
            let visitor = site.visitor().with_cookie(others);
            async move { visitor.get("/echo").await.text == "1" }
        };
        let name = "__Host-session";
        assert!(opens(format!("malformed; {name}={ada}")).await);
        assert!(opens(format!("{ada}; {name}=malformed")).await);
        assert!(opens(format!("{forged}; {name}={ada}")).await);
        assert!(opens(format!("{ada}; {name}={forged}")).await);
        assert!(opens(format!("{ada}; {name}={ada}; other={bob}")).await);
        let events = Events::collect();
        assert!(!opens(format!("{ada}; {name}={bob}")).await);
        assert!(!opens(format!("{bob}; {name}={ada}")).await);
        drop(events);
        // A write finds out first which of them counts.
        let writer = site.visitor().with_cookie(format!("{forged}; {name}={ada}"));
        assert_eq!(writer.get("/update").await.set_cookies.len(), 0);
        assert_eq!(site.visitor().with_cookie(ada).get("/read").await.text, "2");
        let ambiguous = site.visitor().with_cookie(format!("{bob}; {name}={forged}"));
        ambiguous.get("/set").await;
        store.forget();
        let many = (0..500).map(|_| format!("{name}={forged}")).collect::<Vec<_>>().join("; ");
        site.visitor().with_cookie(many).get("/read").await;
        assert_eq!(store.calls(), [Operation::Load], "equal tokens are one");
    }
}

/// Rule 3: reads that run at the same time share one trip; `destroy` and writes carry the guard.
#[tokio::test]
async fn rule_03_parallel_reads_share_a_trip() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions = SessionManager::<Shop>::new(store.clone());
    let routes = routes().route(
        "/parallel",
        get(|session: Handle| async move {
            let tasks: Vec<_> = (0..50)
                .map(|_| {
                    tokio::spawn({
                        let session = session.clone();
                        async move { session.count().await }
                    })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap(), 1);
            }
        }),
    );
    let site = Site::open(&sessions, routes).await;
    let ada = site.visitor();
    ada.get("/set").await;
    ada.get("/read").await;
    store.forget();
    assert_eq!(ada.get("/parallel").await.status, 200);
    assert_eq!(store.calls(), [Operation::Load]);
}

/// Rule 3: knowing an ID is worth nothing: with another secret nothing is read, written or destroyed.
#[tokio::test]
async fn rule_03_an_id_alone_opens_nothing() {
    let site = Site::open(&SessionManager::<Shop>::new(MemoryStore::new()), routes()).await;
    let ada = site.visitor();
    ada.get("/set").await;
    let secret = session_tests::forged_token().await.to_string();
    // The 22nd character holds bits of both halves: as the ID's owner has it.
    let stolen = format!("{}{}", &ada.cookie().unwrap()[..22], &secret[22..]);
    for page in ["/read", "/set", "/destroy", "/regenerate", "/remove", "/take"] {
        site.visitor().with_cookie(stolen.clone()).get(page).await;
        assert_eq!(ada.get("/read").await.text, "1", "after {page}");
    }
}

/// A second layer of the same manager does its work once; one of another schema works beside it.
#[tokio::test]
async fn layers_can_be_stacked() {
    #[derive(session_runtime::SessionData)]
    struct Admin {
        count: u64,
    }
    let store = FaultyStore::new(MemoryStore::new());
    let shop = SessionManager::<Shop>::new(store.clone());
    let options = session_runtime::CookieOptions::new().name("__Host-admin");
    let admin = SessionManager::<Admin>::builder(MemoryStore::new()).cookie(options).build().unwrap();
    let both = get(|shop: Session<Shop>, admin: Session<Admin>| async move {
        shop.set_count(1).await?;
        admin.set_count(2).await
    });
    let routes = Router::new().route("/", both).layer(shop.layer()).layer(admin.layer()).layer(shop.layer());
    let reply = Site::serve(routes).await.visitor().get("/").await;
    assert_eq!((reply.status, reply.set_cookies.len()), (StatusCode::OK, 2), "{reply:?}");
    assert_eq!(store.calls(), [Operation::Commit]);
}

/// A handler without the layer is told what to add.
#[tokio::test]
async fn a_missing_layer_is_a_clear_error() {
    let events = Events::collect();
    let site = Site::serve(
        Router::new().route("/", get(|session: Handle| async move { session.count().await.into_response_text() })),
    )
    .await;
    let reply = site.visitor().get("/").await;
    assert_eq!((reply.status, &*reply.text), (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error"));
    assert!(events.text().contains("add `.layer(sessions.layer())`"), "{}", events.text());
}

trait IntoText {
    fn into_response_text(self) -> axum::response::Response;
}

impl IntoText for Result<u64> {
    fn into_response_text(self) -> axum::response::Response {
        self.map(|count| count.to_string()).into_response()
    }
}
