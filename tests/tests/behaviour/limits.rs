//! At most so many sessions per value of an index field.

use std::time::Duration;

use axum::Router;
use axum::routing::get;
use session_runtime::testing::ManualClock;
use session_runtime::{OnLimit, Session, SessionData, SessionError, SessionManager};
use session_tests::{Site, TestStore, on_each_store};
use tokio::task::JoinSet;

const HOUR: Duration = Duration::from_secs(3600);

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    cart: Vec<String>,
}

/// Two fields with a limit, written together.
#[derive(SessionData)]
struct Seat {
    #[session(index, rotate)]
    user: Option<u64>,
    #[session(index)]
    team: Option<String>,
}

#[derive(SessionData)]
struct Whole {
    #[session(flatten)]
    account: Account,
}

async fn sit_down(sessions: &SessionManager<Seat>, user: u64, team: &str) -> (Session<Seat>, Result<(), SessionError>) {
    let session = sessions.start().buffered();
    session.set_user(user).await.unwrap();
    session.set_team(team.to_owned()).await.unwrap();
    let committed = session.commit().await;
    (session, committed)
}

fn accounts(store: &TestStore, most: usize, on_limit: OnLimit) -> SessionManager<Account> {
    SessionManager::builder(store.clone()).max_sessions(&Account::USER, most, on_limit).build().unwrap()
}

async fn sign_in(sessions: &SessionManager<Account>, user: u64) -> Result<Session<Account>, SessionError> {
    let session = sessions.start().buffered();
    session.set_user(user).await?;
    session.commit().await?;
    Ok(session)
}

fn is_limit(error: &SessionError) -> bool {
    matches!(error, SessionError::LimitReached { field: "user" })
}

async fn live(sessions: &SessionManager<Account>, user: u64) -> usize {
    sessions.sessions(&Account::USER, &user).await.unwrap().len()
}

/// So many sign in at once, half of them on another node; says how many could.
async fn rush(nodes: [SessionManager<Account>; 2], many: usize) -> usize {
    let mut tasks = JoinSet::new();
    for at in 0..many {
        let node = nodes[at % 2].clone();
        tasks.spawn(async move { sign_in(&node, 7).await });
    }
    let done = tasks.join_all().await;
    assert!(done.iter().all(|signed_in| signed_in.as_ref().err().is_none_or(is_limit)), "{done:?}");
    done.iter().filter(|signed_in| signed_in.is_ok()).count()
}

on_each_store! {
    async fn a_sign_in_too_many_is_refused(store) {
        let sessions = accounts(&store, 2, OnLimit::Refuse);
        let first = sign_in(&sessions, 7).await.unwrap();
        sign_in(&sessions, 7).await.unwrap();
        sign_in(&sessions, 8).await.unwrap();
        let third = sessions.start().buffered();
        third.set_user(7).await.unwrap();
        assert!(is_limit(&third.commit().await.unwrap_err()));
        assert_eq!(live(&sessions, 7).await, 2);
        // What else the visitor has stays theirs, and there is room again when somebody leaves.
        third.set_cart(vec!["tea".into()]).await.unwrap();
        third.commit().await.unwrap();
        first.destroy().await.unwrap();
        third.set_user(7).await.unwrap();
        third.commit().await.unwrap();
        assert_eq!((third.cart().await.unwrap().len(), live(&sessions, 7).await), (1, 2));
    }

    async fn the_oldest_is_ended(store) {
        let sessions = accounts(&store, 2, OnLimit::EvictOldest);
        let first = sign_in(&sessions, 7).await.unwrap();
        let second = sign_in(&sessions, 7).await.unwrap();
        // The first signs in again: now the second is the oldest.
        first.set_user(7).await.unwrap();
        first.commit().await.unwrap();
        let third = sign_in(&sessions, 7).await.unwrap();
        let opens = async |session: &Session<Account>| sessions.open(&session.token().unwrap()).await.unwrap().is_some();
        assert!(opens(&first).await && !opens(&second).await && opens(&third).await);
    }

    async fn a_session_counts_itself_once(store) {
        for on_limit in [OnLimit::Refuse, OnLimit::EvictOldest] {
            let sessions = accounts(&store, 1, on_limit);
            let session = sign_in(&sessions, 3).await.unwrap();
            session.set_user(3).await.unwrap();
            session.commit().await.unwrap();
            session.update_user(|user| *user = Some(3)).await.unwrap();
            // As in a request that has asked nothing before.
            let blind = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
            blind.set_user(3).await.unwrap();
            assert_eq!(live(&sessions, 3).await, 1);
            blind.destroy().await.unwrap();
        }
    }

    async fn each_field_has_its_own(store) {
        let sessions = SessionManager::builder(store)
            .max_sessions(&Seat::USER, 2, OnLimit::EvictOldest)
            .max_sessions(&Seat::TEAM, 2, OnLimit::Refuse)
            .build()
            .unwrap();
        let (first, _) = sit_down(&sessions, 1, "red").await;
        sit_down(&sessions, 2, "red").await.1.unwrap();
        let (third, refused) = sit_down(&sessions, 3, "red").await;
        assert!(matches!(refused, Err(SessionError::LimitReached { field: "team" })), "{refused:?}");
        third.commit().await.unwrap();
        assert_eq!(sessions.sessions(&Seat::USER, &3).await.unwrap().len(), 0, "refused in one, refused in both");
        sit_down(&sessions, 1, "blue").await.1.unwrap();
        sit_down(&sessions, 1, "blue").await.1.unwrap();
        assert!(sessions.open(&first.token().unwrap()).await.unwrap().is_none(), "the user's oldest");
        sit_down(&sessions, 3, "red").await.1.unwrap();
    }

    /// Who has set the field is not ended for it, however long ago their session began.
    async fn the_oldest_is_another_where_the_field_is_no_sign_in(store) {
        let clock = ManualClock::new();
        let builder = SessionManager::<Seat>::builder(store).clock(&clock);
        let sessions = builder.max_sessions(&Seat::TEAM, 1, OnLimit::EvictOldest).build().unwrap();
        let old = sessions.start();
        old.set_user(1).await.unwrap();
        old.remove_user().await.unwrap();
        clock.advance(HOUR / 2);
        let young = sessions.start();
        young.set_team("red".to_owned()).await.unwrap();
        old.set_team("red".to_owned()).await.unwrap();
        let opens = async |session: &Session<Seat>| sessions.open(&session.token().unwrap()).await.unwrap().is_some();
        assert!(opens(&old).await && !opens(&young).await);
    }

    async fn a_slices_field_can_have_one(store) {
        let sessions = SessionManager::<Whole>::builder(store);
        let sessions = sessions.max_sessions(&Account::USER, 1, OnLimit::Refuse).build().unwrap();
        sessions.start().account().set_user(7).await.unwrap();
        assert!(is_limit(&sessions.start().account().set_user(7).await.unwrap_err()));
    }

    async fn the_dead_do_not_count(store) {
        let clock = ManualClock::new();
        let sessions = SessionManager::builder(store)
            .clock(&clock)
            .max_sessions(&Account::USER, 1, OnLimit::Refuse)
            .build()
            .unwrap();
        sign_in(&sessions, 7).await.unwrap();
        assert!(is_limit(&sign_in(&sessions, 7).await.unwrap_err()));
        clock.advance(HOUR);
        sign_in(&sessions, 7).await.unwrap();
    }

    async fn no_rush_gets_one_too_many_in(store) {
        for most in [1, 3] {
            let nodes = [accounts(&store, most, OnLimit::Refuse), accounts(&store, most, OnLimit::Refuse)];
            let signed_in = rush(nodes.clone(), 12).await;
            assert_eq!(live(&nodes[0], 7).await, signed_in);
            assert_eq!(signed_in, most, "and as many as may");
            nodes[0].revoke_all(&Account::USER, &7).await.unwrap();
        }
    }

    async fn a_rush_leaves_as_many_as_may(store) {
        for most in [1, 3] {
            let nodes = [accounts(&store, most, OnLimit::EvictOldest), accounts(&store, most, OnLimit::EvictOldest)];
            rush(nodes.clone(), 12).await;
            assert_eq!(live(&nodes[0], 7).await, most);
            nodes[0].revoke_all(&Account::USER, &7).await.unwrap();
        }
    }
}

/// The handler is told where it commits, and answers with a page of its own; what else it did is stored.
#[tokio::test]
async fn the_application_words_the_refusal() {
    let sessions = accounts(&session_tests::memory().await.0, 1, OnLimit::Refuse);
    sign_in(&sessions, 7).await.unwrap();
    let sign_in = async |session: Session<Account>| -> Result<&'static str, SessionError> {
        session.set_cart(vec!["tea".into()]).await?;
        session.set_user(7).await?;
        match session.commit().await {
            Err(SessionError::LimitReached { .. }) => Ok("sign out elsewhere first"),
            other => other.map(|()| "welcome"),
        }
    };
    let show = async |session: Session<Account>| -> Result<String, SessionError> {
        Ok(format!("{:?} {:?}", session.user().await?, session.cart().await?))
    };
    let routes = Router::new().route("/sign-in", get(sign_in)).route("/", get(show));
    let site = Site::open(&sessions, routes).await;
    let visitor = site.visitor();
    let reply = visitor.get("/sign-in").await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (200, "sign out elsewhere first"));
    assert_eq!(visitor.get("/").await.text, r#"None ["tea"]"#);
}

/// Nobody was signed in: the session stays as it is, with its secret.
#[tokio::test]
async fn a_refusal_replaces_no_secret() {
    let sessions = accounts(&session_tests::memory().await.0, 1, OnLimit::Refuse);
    sign_in(&sessions, 7).await.unwrap();
    let begin = async |session: Session<Account>| session.set_cart(vec!["tea".into()]).await;
    let sign_in = async |session: Session<Account>| -> Result<&'static str, SessionError> {
        session.set_user(7).await?;
        session.commit().await.map_or(Ok("sign out elsewhere first"), |()| Ok("welcome"))
    };
    // But for one who has asked for it.
    let sign_in_anew = async |session: Session<Account>| -> Result<&'static str, SessionError> {
        session.regenerate().await?;
        session.set_user(7).await?;
        session.commit().await.unwrap_err();
        session.set_user(7).await?;
        session.commit().await.map_or(Ok("sign out elsewhere first"), |()| Ok("welcome"))
    };
    let routes = Router::new().route("/begin", get(begin)).route("/sign-in", get(sign_in));
    let site = Site::open(&sessions, routes.route("/sign-in-anew", get(sign_in_anew))).await;
    let visitor = site.visitor();
    visitor.get("/begin").await;
    for (page, cookies) in [("/sign-in", 0), ("/sign-in-anew", 1)] {
        let reply = visitor.get(page).await;
        assert_eq!((reply.text.as_str(), reply.set_cookies.len()), ("sign out elsewhere first", cookies));
    }
}

/// A handler that leaves it to the end of the request gets an error response.
#[tokio::test]
async fn a_refusal_at_the_end_is_a_conflict() {
    let sessions = accounts(&session_tests::memory().await.0, 1, OnLimit::Refuse);
    sign_in(&sessions, 7).await.unwrap();
    let sign_in = async |session: Session<Account>| session.set_user(7).await;
    let site = Site::open(&sessions, Router::new().route("/", get(sign_in))).await;
    assert_eq!(site.visitor().get("/").await.status.as_u16(), 409);
}

/// A form that was sent twice: the second is refused, and leaves the browser what the first has given it.
#[tokio::test]
async fn a_sign_in_that_is_refused_after_another_sends_no_cookie() {
    let sessions = accounts(&session_tests::memory().await.0, 1, OnLimit::Refuse);
    let begin = async |session: Session<Account>| session.set_cart(vec!["tea".into()]).await;
    let elsewhere = sessions.clone();
    let sign_in = |session: Session<Account>| async move {
        session.cart().await?;
        // The first one, whose answer is on its way.
        let first = elsewhere.open(&session.token().unwrap()).await?.unwrap();
        first.set_user(7).await?;
        session.set_user(7).await?;
        session.set_cart(vec!["another".into()]).await?;
        Ok::<_, SessionError>(session.commit().await.unwrap_err().to_string())
    };
    let routes = Router::new().route("/begin", get(begin)).route("/sign-in", get(sign_in));
    let site = Site::open(&sessions, routes).await;
    let visitor = site.visitor();
    visitor.get("/begin").await;
    let reply = visitor.get("/sign-in").await;
    assert!(reply.text.contains("limit"), "{reply:?}");
    assert_eq!(reply.set_cookies.len(), 0, "{reply:?}");
}

#[tokio::test]
async fn the_later_limit_of_a_field_counts() {
    let builder = SessionManager::builder(session_tests::memory().await.0);
    let builder = builder.max_sessions(&Account::USER, 2, OnLimit::EvictOldest);
    let sessions = builder.max_sessions(&Account::USER, 1, OnLimit::Refuse).build().unwrap();
    sign_in(&sessions, 7).await.unwrap();
    assert!(is_limit(&sign_in(&sessions, 7).await.unwrap_err()));
}

#[tokio::test]
async fn a_limit_of_none_is_a_mistake() {
    let builder = SessionManager::<Account>::builder(session_tests::memory().await.0);
    let error = builder.max_sessions(&Account::USER, 0, OnLimit::Refuse).build().unwrap_err();
    assert!(error.to_string().contains("nobody could sign in"), "{error}");
}
