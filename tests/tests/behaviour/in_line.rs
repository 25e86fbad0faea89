//! Updates of one field from one process, each of which starts from what the one before it has left.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use futures_util::future::{BoxFuture, join_all};
use session_runtime::record::{ChangeSet, Outcome};
use session_runtime::testing::ManualClock;
use session_runtime::{Session, SessionError, SessionManager, StoreError, Token, async_trait};
use session_tests::{Around, Happens, Shop, Site, TestStore, Visitor, on_each_store};

type Handle = Session<Shop>;
type Act = BoxFuture<'static, ()>;

const REQUESTS: usize = 8;

/// The first commit of a value is answered once all requests are in line; something happens after the third.
#[derive(Clone)]
struct Line(Arc<Counts>);

struct Counts {
    in_line: AtomicUsize,
    loads: AtomicUsize,
    commits: AtomicUsize,
    after_three: Mutex<Option<Act>>,
}

impl Line {
    fn joined(&self) {
        self.0.in_line.fetch_add(1, SeqCst);
    }

    fn loads(&self) -> usize {
        self.0.loads.load(SeqCst)
    }
}

#[async_trait]
impl Happens for Line {
    async fn before_load(&self) {
        self.0.loads.fetch_add(1, SeqCst);
    }

    async fn after_commit(
        &self,
        changes: &ChangeSet,
        answer: Result<Outcome, StoreError>,
    ) -> Result<Outcome, StoreError> {
        if changes.set.is_empty() || !matches!(answer, Ok(Outcome::Applied { .. })) {
            return answer;
        }
        match self.0.commits.fetch_add(1, SeqCst) + 1 {
            1 => {
                while self.0.in_line.load(SeqCst) < REQUESTS {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
            }
            3 => {
                let act = self.0.after_three.lock().unwrap().take();
                if let Some(act) = act {
                    act.await;
                }
            }
            _ => {}
        }
        answer
    }
}

fn routes(line: &Line) -> Router {
    let (counts, writes, takes) = (line.clone(), line.clone(), line.clone());
    let count = async move |session: Handle| {
        counts.joined();
        let count = session.update_count(|count| {
            *count += 1;
            *count
        });
        count.await.map(|count| count.to_string())
    };
    let write = async move |session: Handle| {
        writes.joined();
        session.update_checkout(|form| form.get_or_insert_default().push('x')).await
    };
    let take = async move |session: Handle| {
        takes.joined();
        session.take_checkout().await.map(Option::unwrap_or_default)
    };
    Router::new().route("/count", get(count)).route("/write", get(write)).route("/take", get(take))
}

/// A session in the store, and a site whose requests are counted, with something that happens after the third update.
struct Scene {
    line: Line,
    _site: Site,
    ada: Visitor,
}

impl Scene {
    async fn new(
        store: &TestStore,
        clock: &ManualClock,
        happens: impl FnOnce(SessionManager<Shop>, Token) -> Act,
    ) -> Self {
        let other = SessionManager::<Shop>::builder(store.clone()).clock(clock.clone()).build().unwrap();
        let session = other.start();
        session.set_theme(session_tests::Theme::Light).await.unwrap();
        let token = session.token().unwrap();
        let line = Line(Arc::new(Counts {
            in_line: AtomicUsize::new(0),
            loads: AtomicUsize::new(0),
            commits: AtomicUsize::new(0),
            after_three: Mutex::new(Some(happens(other, token))),
        }));
        let store = Around::new(store.clone(), line.clone());
        let sessions = SessionManager::<Shop>::builder(store).clock(clock.clone()).build().unwrap();
        let site = Site::open(&sessions, routes(&line)).await;
        let ada = site.visitor().with_cookie(token.to_string());
        Self { line, _site: site, ada }
    }

    /// So many requests at once, each of its own browser with the same cookie: what they answer, sorted.
    async fn answers(&self, path: &str, requests: usize) -> Vec<(u16, String)> {
        let asked = (0..requests).map(|_| {
            let browser = self.ada.copy();
            async move { browser.get(path).await }
        });
        let replies = join_all(asked).await;
        let mut answers: Vec<_> = replies.into_iter().map(|reply| (reply.status.as_u16(), reply.text)).collect();
        answers.sort();
        answers
    }
}

fn counts(counts: impl IntoIterator<Item = usize>) -> Vec<(u16, String)> {
    let mut answers: Vec<_> = counts.into_iter().map(|count| (200, count.to_string())).collect();
    answers.sort();
    answers
}

fn nothing(_: SessionManager<Shop>, _: Token) -> Act {
    Box::pin(async {})
}

/// The session is ended, at another node.
fn is_ended(other: SessionManager<Shop>, token: Token) -> Act {
    Box::pin(async move { other.open(&token).await.unwrap().unwrap().destroy().await.unwrap() })
}

on_each_store! {
    /// The first has no one before it, and leaves nothing, for it did not see the others come.
    async fn all_but_two_of_them_ask_the_store_once(store) {
        let scene = Scene::new(&store, &ManualClock::new(), nothing).await;
        assert_eq!(scene.answers("/count", REQUESTS).await, counts(1..=REQUESTS));
        assert_eq!(scene.line.loads(), 2);
    }

    async fn another_nodes_update_in_between_is_kept(store) {
        let adds = |other: SessionManager<Shop>, token| -> Act {
            Box::pin(async move {
                other.open(&token).await.unwrap().unwrap().update_count(|count| *count += 100).await.unwrap();
            })
        };
        let scene = Scene::new(&store, &ManualClock::new(), adds).await;
        assert_eq!(scene.answers("/count", REQUESTS).await, counts([1, 2, 3, 104, 105, 106, 107, 108]));
    }

    /// Nothing of the ended one gets into the sessions that begin after it.
    async fn after_the_sessions_end_each_begins_anew(store) {
        let scene = Scene::new(&store, &ManualClock::new(), is_ended).await;
        assert_eq!(scene.answers("/count", REQUESTS).await, counts([1, 2, 3, 1, 1, 1, 1, 1]));
    }

    /// Nor is anything of it taken.
    async fn after_the_sessions_end_nothing_is_taken(store) {
        let scene = Scene::new(&store, &ManualClock::new(), is_ended).await;
        let (_, taken) = tokio::join!(scene.answers("/write", 3), async {
            while scene.line.0.in_line.load(SeqCst) < 3 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            scene.answers("/take", REQUESTS - 3).await
        });
        assert_eq!(taken, vec![(200, String::new()); REQUESTS - 3]);
    }

    async fn after_a_sign_in_elsewhere_the_others_are_refused(store) {
        let signs_in = |other: SessionManager<Shop>, token| -> Act {
            Box::pin(async move { other.open(&token).await.unwrap().unwrap().set_user(7).await.unwrap() })
        };
        let scene = Scene::new(&store, &ManualClock::new(), signs_in).await;
        let answers = scene.answers("/count", REQUESTS).await;
        assert_eq!(answers[..3], counts(1..=3));
        let gone = SessionError::Gone.status().as_u16();
        assert!(answers[3..].iter().all(|(status, _)| *status == gone), "{answers:?}");
    }

    /// A field's end counts, whatever was handed over before it.
    async fn a_value_that_has_ended_meanwhile_is_not_built_on(store) {
        let clock = ManualClock::new();
        let after = clock.clone();
        let scene = Scene::new(&store, &clock, move |_, _| Box::pin(async move { after.advance(Duration::from_secs(16 * 60)) }));
        let scene = scene.await;
        scene.answers("/write", REQUESTS).await;
        scene.line.0.in_line.store(0, SeqCst);
        assert_eq!(scene.answers("/take", 1).await, [(200, "x".repeat(REQUESTS - 3))]);
    }
}
