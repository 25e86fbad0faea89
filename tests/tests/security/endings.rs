//! Requirements 26 to 31: signing out, and where else a user is signed in.

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use futures_util::future::join_all;
use session_runtime::{CookieOptions, OnLimit, Session, SessionError, SessionId, SessionManager, SiteData};
use session_tests::{Browser, secret};
use tokio::sync::Barrier;

use crate::world::{Account, NOBODY, look, routes};

type Handle = Session<Account>;

/// How many of these see themselves signed in.
async fn signed_in(browsers: &[Browser]) -> usize {
    let seen = join_all(browsers.iter().map(look)).await;
    seen.iter().filter(|text| text.starts_with("Some")).count()
}

/// What a user is shown of their sign-ins: all that there is to show.
async fn list(sessions: &SessionManager<Account>, user: u64) -> Result<String, SessionError> {
    let list = sessions.sessions(&Account::USER, &user).await?;
    let lines = list.iter().map(|info| {
        let times = (info.created_at(), info.last_used(), info.last_authenticated(), info.expires_at());
        format!("{} {times:?} {} {:?} {info:?}\n", info.id(), info.is_persistent(), info.get(&Account::USER).unwrap())
    });
    Ok(lines.collect())
}

/// A handler that loads the session, lets somebody else go on, waits for them, and then writes in this way.
fn slow(barrier: Arc<Barrier>, way: usize) -> Router {
    let write = async move |session: Handle| -> Result<(), SessionError> {
        assert_eq!(session.user().await?, Some(7));
        barrier.wait().await;
        barrier.wait().await;
        match way {
            0 => session.set_note("late".into()).await?,
            1 => session.update_count(|count| *count += 1).await?,
            2 => session.set_user(7).await?,
            3 => session.regenerate().await?,
            _ => session.remember(std::time::Duration::from_secs(1000)).await?,
        }
        session.commit().await
    };
    Router::new().route("/slow", post(write))
}

requirements! {
    async fn requirement_26_signing_out_ends_the_session_in_the_store(world) {
        let site = world.site().await;
        let browser = site.signed_in(7).await;
        let (thief, id) = (browser.stolen(), browser.token().unwrap().id());
        assert_eq!(look(&thief).await, "Some(7) None 0");
        browser.post("/sign-out", "").await;
        assert!(browser.has_no_cookie() && !world.is_stored(id).await);
        assert_eq!(look(&thief).await, NOBODY);
        thief.post("/note", "thief").await;
        assert!(thief.token().unwrap().id() != id && !world.is_stored(id).await);
    }

    /// A request has loaded the session, another ends it, and then the first one writes.
    async fn requirement_27_no_write_that_was_under_way_brings_a_session_back(world) {
        for way in 0..5 {
            let barrier = Arc::new(Barrier::new(2));
            let site = world.site_of(|builder| builder, routes().merge(slow(barrier.clone(), way))).await;
            let browser = site.signed_in(7).await;
            let (other_tab, id) = (browser.stolen(), browser.token().unwrap().id());
            let sign_out = async {
                barrier.wait().await;
                browser.post("/sign-out", "").await;
                barrier.wait().await;
            };
            let (late, ()) = tokio::join!(other_tab.post("/slow", ""), sign_out);
            // `SessionError::Gone`, as its handler was told.
            assert_eq!((late.status.as_u16(), late.set_cookies().len()), (409, 0), "way {way}");
            assert!(!world.is_stored(id).await);
            assert_eq!(look(&other_tab).await, NOBODY);
        }
    }

    async fn requirement_28_the_answer_to_a_sign_out_removes_the_cookie_and_is_not_cached(world) {
        let site = world.site().await;
        let browser = site.signed_in(7).await;
        let answer = browser.post("/sign-out", "").await;
        assert!(answer.set_cookies()[0].starts_with("__Host-session=;"), "{answer:?}");
        assert!(browser.has_no_cookie());
        assert_eq!(answer.all("cache-control"), ["no-store"]);
    }

    async fn requirement_28_by_option_a_sign_out_clears_what_the_browser_keeps(world) {
        let options = CookieOptions::new().clear_site_data([SiteData::Cache, SiteData::Storage]);
        let site = world.site_with(|builder| builder.cookie(options)).await;
        let browser = site.signed_in(7).await;
        assert_eq!(browser.post("/sign-in", "7").await.all("clear-site-data"), [""; 0]);
        assert_eq!(browser.post("/sign-out", "").await.all("clear-site-data"), ["\"cache\", \"storage\""]);
    }

    /// A hundred are signed in and fifty more are about to be.
    async fn requirement_29_all_sessions_of_a_user_end_at_once(world) {
        let site = world.site().await;
        let other = site.signed_in(8).await;
        let before = join_all((0..100).map(|_| site.signed_in(7))).await;
        let revoke_all = site.sessions.revoke_all(&Account::USER, &7);
        let (revoked, during) = tokio::join!(revoke_all, join_all((0..50).map(|_| site.signed_in(7))));
        assert!(revoked.unwrap() >= 100);
        assert_eq!((signed_in(&before).await, signed_in(&[other]).await), (0, 1));
        site.sessions.revoke_all(&Account::USER, &7).await.unwrap();
        assert_eq!(signed_in(&during).await, 0);
    }

    async fn requirement_29_all_others_end_and_one_of_somebody_elses_does_not(world) {
        let sign_out = async |sessions: SessionManager<Account>, session: Handle, id: String| -> Result<String, SessionError> {
            let user = session.user().await?.expect("signed in");
            let id: SessionId = id.parse().expect("an ID");
            Ok(sessions.revoke_one(&Account::USER, &user, id).await?.to_string())
        };
        let sessions = SessionManager::builder(world.store.clone()).clock(&world.clock).build().unwrap();
        let (one, others) = (sessions.clone(), sessions.clone());
        let pages = routes()
            .route("/end", post(async move |session: Handle, id: String| sign_out(one.clone(), session, id).await))
            .route("/end-others", post(async move |session: Handle| -> Result<String, SessionError> {
                Ok(others.revoke_others(&session, &Account::USER).await?.to_string())
            }));
        let site = crate::world::Place::open(sessions, pages, &world.tokens).await;
        let [phone, laptop, tablet, stranger] = [7, 7, 7, 8].map(|user| site.signed_in(user));
        let (phone, laptop, tablet, stranger) = tokio::join!(phone, laptop, tablet, stranger);
        let id = |browser: &Browser| browser.token().unwrap().id().to_string();
        assert_eq!(phone.post("/end", &id(&stranger)).await.text, "false");
        assert_eq!(phone.post("/end", &id(&laptop)).await.text, "true");
        assert_eq!(phone.post("/end-others", "").await.text, "1");
        assert_eq!(signed_in(&[laptop, tablet]).await, 0);
        assert_eq!(signed_in(&[phone, stranger]).await, 2);
    }

    async fn requirement_30_a_list_of_sessions_shows_nothing_that_opens_one(world) {
        let sessions = SessionManager::builder(world.store.clone()).clock(&world.clock).build().unwrap();
        let listing = sessions.clone();
        let page = get(async move |session: Handle| -> Result<String, SessionError> {
            list(&listing, session.user().await?.expect("signed in")).await
        });
        let site = crate::world::Place::open(sessions, routes().route("/list", page), &world.tokens).await;
        let (phone, laptop) = (site.signed_in(7).await, site.signed_in(7).await);
        site.signed_in(8).await;
        let shown = phone.get("/list").await.text;
        assert_eq!(shown.lines().count(), 2);
        assert_eq!(session_tests::find_secret(&world.tokens.all(), shown.as_bytes()), None);
        // The name that it shows is neither a token nor the half of one that counts.
        let id = laptop.token().unwrap().id().to_string();
        assert!(shown.contains(&id));
        for guess in [id.clone(), format!("{id}{}", "A".repeat(21))] {
            let cookie = format!("__Host-session={guess}");
            let request = site.request(reqwest::Method::GET, "/look").header("cookie", cookie);
            assert_eq!(session_tests::Answer::of(request).await.text, NOBODY);
        }
        assert!(!secret(&laptop.token().unwrap()).is_empty());
    }

    /// Twenty at once, on two nodes.
    async fn requirement_31_no_rush_gets_one_too_many_in(world) {
        for on_limit in [OnLimit::Refuse, OnLimit::EvictOldest] {
            let node = || world.site_with(|builder| builder.max_sessions(&Account::USER, 3, on_limit));
            let nodes = [node().await, node().await];
            let browsers: Vec<_> = (0..20).map(|at| nodes[at % 2].browser()).collect();
            let statuses = join_all(browsers.iter().map(async |browser| browser.post("/sign-in", "7").await.status)).await;
            assert_eq!(signed_in(&browsers).await, 3, "{on_limit:?}");
            let refused = statuses.iter().filter(|status| status.as_u16() == 409).count();
            assert_eq!(refused, if on_limit == OnLimit::Refuse { 17 } else { 0 });
            nodes[0].sessions.revoke_all(&Account::USER, &7).await.unwrap();
        }
    }
}
