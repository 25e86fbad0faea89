//! A site, its store and its visitors' browsers.

use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use reqwest::{Client, Method, RequestBuilder};
use session_runtime::record::{Entry, Meta, Select};
use session_runtime::store::Store as _;
use session_runtime::testing::{FaultyStore, ManualClock};
use session_runtime::{Builder, Session, SessionData, SessionError, SessionId, SessionManager};
use session_tests::{Browser, Kept, Site, TestStore, Tokens, find_secret};

use crate::log::Log;

pub(crate) const MINUTE: Duration = Duration::from_secs(60);
pub(crate) const HOUR: Duration = Duration::from_secs(60 * 60);
pub(crate) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub(crate) const SECOND: Duration = Duration::from_secs(1);

/// What `/look` shows to somebody who has no session.
pub(crate) const NOBODY: &str = "None None 0";

/// The session data of the tests.
#[derive(SessionData)]
pub(crate) struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    note: Option<String>,
    count: u64,
}

/// A store with a clock that is moved by hand, and what browsers were sent.
pub(crate) struct World<'k> {
    pub(crate) store: FaultyStore,
    pub(crate) clock: ManualClock,
    pub(crate) log: Log,
    pub(crate) tokens: Tokens,
    kept: &'k Kept,
}

/// A site under the session layer.
pub(crate) struct Place {
    pub(crate) sessions: SessionManager<Account>,
    site: Site,
    client: Client,
    tokens: Tokens,
}

impl<'k> World<'k> {
    pub(crate) fn new(store: TestStore, kept: &'k Kept) -> Self {
        let (store, clock) = (FaultyStore::new(store), ManualClock::new());
        Self { store, clock, log: Log::begin(), tokens: Tokens::default(), kept }
    }

    /// A site with the defaults.
    pub(crate) async fn site(&self) -> Place {
        self.site_with(|builder| builder).await
    }

    pub(crate) async fn site_with(&self, settings: impl FnOnce(Builder<Account>) -> Builder<Account>) -> Place {
        self.site_of(settings, routes()).await
    }

    pub(crate) async fn site_of(
        &self,
        settings: impl FnOnce(Builder<Account>) -> Builder<Account>,
        routes: Router,
    ) -> Place {
        let builder = SessionManager::builder(self.store.clone()).clock(&self.clock);
        Place::open(settings(builder).build().unwrap(), routes, &self.tokens).await
    }

    /// The field of a session as it is stored; `None` where there is no such session, or no such field in it.
    pub(crate) async fn stored(&self, id: SessionId, key: &'static str) -> Option<Entry> {
        let select = [Select { key, value: true }];
        let record = self.store.load(id, &select, Some(self.clock.now())).await.unwrap();
        record?.fields.remove(0)
    }

    /// All but the fields, of a session that is there.
    pub(crate) async fn meta(&self, id: SessionId) -> Meta {
        *self.store.load(id, &[], Some(self.clock.now())).await.unwrap().expect("a session").meta
    }

    pub(crate) async fn is_stored(&self, id: SessionId) -> bool {
        self.store.load(id, &[], Some(self.clock.now())).await.unwrap().is_some()
    }

    /// All that the store has put there.
    pub(crate) async fn bytes(&self) -> Vec<u8> {
        self.kept.bytes().await
    }

    /// The same, and all that its server has on disk.
    pub(crate) async fn all_bytes(&self) -> Vec<u8> {
        self.kept.all_bytes().await
    }

    /// Searches all that was logged and all that is stored.
    pub(crate) async fn kept_its_secrets(&self) {
        let tokens = self.tokens.all();
        let mut answers = String::new();
        for token in &tokens {
            let select = ["user", "note", "count"].map(|key| Select { key, value: true });
            let record = self.store.load(token.id(), &select, Some(self.clock.now())).await.unwrap();
            let hash = record.as_ref().map(|record| record.meta.secret_hash.as_bytes());
            answers += &format!("{record:?} {hash:?}\n");
        }
        let (log, bytes) = (self.log.bytes(), self.bytes().await);
        for (place, bytes) in [("the log", log), ("the store", bytes), ("what the store answers", answers.into())] {
            assert_eq!(find_secret(&tokens, &bytes), None, "in {place}");
        }
    }
}

impl Place {
    pub(crate) async fn open(sessions: SessionManager<Account>, routes: Router, tokens: &Tokens) -> Self {
        let site = Site::open(&sessions, routes).await;
        Self { sessions, site, client: Client::new(), tokens: tokens.clone() }
    }

    /// Somebody who was never here.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.client, &self.site.url(""), &self.tokens)
    }

    /// Somebody who has signed in.
    pub(crate) async fn signed_in(&self, user: u64) -> Browser {
        let browser = self.browser();
        assert_eq!(browser.post("/sign-in", &user.to_string()).await.status, 200);
        browser
    }

    /// A request by no browser.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, self.site.url(path))
    }
}

/// The page that this browser sees.
pub(crate) async fn look(browser: &Browser) -> String {
    browser.get("/look").await.text
}

type Handle = Session<Account>;
type Page = Result<String, SessionError>;

pub(crate) fn routes() -> Router {
    Router::new()
        .route("/look", get(show).post(show))
        .route("/note", post(async |session: Handle, text: String| session.set_note(text).await))
        .route("/count", post(async |session: Handle| session.update_count(|count| *count += 1).await))
        .route("/sign-in", post(sign_in))
        .route("/sign-out", post(async |session: Handle| session.destroy().await))
        .route("/regenerate", post(async |session: Handle| session.regenerate().await))
        .route("/remember", post(remember))
        .route("/fresh", get(async |session: Handle| -> Page { Ok(session.is_fresh(5 * MINUTE).await?.to_string()) }))
        .route("/busy", post(do_everything))
        .route("/nothing", get(async |_session: Handle| "nothing"))
}

async fn show(session: Handle) -> Page {
    Ok(format!("{:?} {:?} {}", session.user().await?, session.note().await?, session.count().await?))
}

async fn sign_in(session: Handle, user: String) -> Result<(), SessionError> {
    session.set_user(user.parse().expect("a number")).await
}

async fn remember(session: Handle, days: String) -> Result<(), SessionError> {
    session.remember(days.parse::<u32>().expect("a number") * DAY).await
}

/// All that makes a cookie necessary, in one request.
async fn do_everything(session: Handle) -> Result<(), SessionError> {
    session.set_note("busy".into()).await?;
    session.commit().await?;
    session.regenerate().await?;
    session.commit().await?;
    session.set_user(7).await?;
    session.remember(30 * DAY).await?;
    session.update_count(|count| *count += 1).await
}
