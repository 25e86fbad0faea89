//! Updates of one field from one process, each of which starts from what the one before it has left.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use futures_util::future::{BoxFuture, join_all};
use session_runtime::record::{ChangeSet, Outcome};
use session_runtime::testing::ManualClock;
use session_runtime::{Builder, Encryption, Session, SessionError, SessionManager, StoreError, Token, async_trait};
use session_tests::{Around, Happens, Shop, Site, TestStore, Theme, Visitor, on_each_store};

type Handle = Session<Shop>;
type Act = BoxFuture<'static, ()>;

/// A line of so many. The first leaves nothing, for it does not see the others come; nor does one that is told of a conflict and
/// loads. So the fourth starts from what the third has left, whatever happened after that.
const REQUESTS: usize = 8;

/// The first change of a value is answered once all requests are in line; something may happen after the third, something else at
/// the first conflict.
#[derive(Clone, Default)]
struct Line(Arc<Happening>);

#[derive(Default)]
struct Happening {
    have_read: AtomicUsize,
    in_line: AtomicUsize,
    loads: AtomicUsize,
    changes: AtomicUsize,
    after_three: Mutex<Option<Act>>,
    at_conflict: Mutex<Option<Act>>,
    /// What closures of updates were given.
    seen: Mutex<Vec<u64>>,
    writes: AtomicUsize,
    at_fourth_write: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl Line {
    fn join(&self) {
        self.0.in_line.fetch_add(1, SeqCst);
    }

    /// Until so many are in line, and the first has changed the value.
    async fn has(&self, requests: usize) {
        until(|| self.0.in_line.load(SeqCst) >= requests && self.0.changes.load(SeqCst) > 0).await;
    }

    /// Until all have read.
    async fn have_read(&self) {
        self.0.have_read.fetch_add(1, SeqCst);
        until(|| self.0.have_read.load(SeqCst) == REQUESTS).await;
    }

    /// A closure writes.
    fn writes(&self) {
        let act = self.0.at_fourth_write.lock().unwrap().take_if(|_| self.0.writes.fetch_add(1, SeqCst) == 3);
        if let Some(act) = act {
            act();
        }
    }

    fn at_fourth_write(&self, act: impl FnOnce() + Send + 'static) {
        *self.0.at_fourth_write.lock().unwrap() = Some(Box::new(act));
    }

    fn has_all_happened(&self) -> bool {
        self.0.after_three.lock().unwrap().is_none() && self.0.at_conflict.lock().unwrap().is_none()
    }

    async fn happens(&self, act: &Mutex<Option<Act>>) {
        let act = act.lock().unwrap().take();
        if let Some(act) = act {
            act.await;
        }
    }
}

async fn until(is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), wait).await.expect("all requests");
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
        match &answer {
            Ok(Outcome::Applied { .. }) if !changes.set.is_empty() => match self.0.changes.fetch_add(1, SeqCst) + 1 {
                1 => self.has(REQUESTS).await,
                3 => self.happens(&self.0.after_three).await,
                _ => {}
            },
            Ok(Outcome::Conflict(_)) => self.happens(&self.0.at_conflict).await,
            _ => {}
        }
        answer
    }
}

async fn count(session: Handle, line: Line) -> Result<String, SessionError> {
    line.join();
    let count = session.update_count(|count| {
        line.0.seen.lock().unwrap().push(*count);
        *count += 1;
        *count
    });
    count.await.map(|count| count.to_string())
}

/// Waits in line, and signs in meanwhile.
async fn count_and_sign_in(session: Handle, line: Line) -> Result<String, SessionError> {
    let signs_in = async {
        session.set_user(7).await?;
        session.commit().await
    };
    let (count, signed_in) = tokio::join!(count(session.clone(), line), signs_in);
    signed_in.and(count)
}

async fn write(session: Handle, line: Line) -> Result<(), SessionError> {
    line.join();
    session
        .update_checkout(|form| {
            line.writes();
            form.get_or_insert_default().push('x');
        })
        .await
}

/// Takes the form, after which it is gone, whatever else this request does.
async fn take(session: Handle, line: Line) -> Result<String, SessionError> {
    line.join();
    let taken = session.take_checkout().await?;
    session.set_theme(Theme::Dark).await?;
    session.commit().await?;
    assert_eq!(session.checkout().await?, None);
    Ok(taken.unwrap_or_default())
}

async fn read_and_take(session: Handle, line: Line) -> Result<String, SessionError> {
    session.checkout().await?;
    line.have_read().await;
    take(session, line).await
}

fn routes(line: &Line) -> Router {
    let lines: [Line; 5] = std::array::from_fn(|_| line.clone());
    let [a, b, c, d, e] = lines;
    Router::new()
        .route("/count", get(async move |session: Handle| count(session, a.clone()).await))
        .route("/count-and-sign-in", get(async move |session: Handle| count_and_sign_in(session, b.clone()).await))
        .route("/write", get(async move |session: Handle| write(session, c.clone()).await))
        .route("/take", get(async move |session: Handle| take(session, d.clone()).await))
        .route("/read-and-take", get(async move |session: Handle| read_and_take(session, e.clone()).await))
}

/// A session in the store, on a site.
struct Scene {
    line: Line,
    _site: Site,
    ada: Visitor,
    /// Another node of the site's.
    other: SessionManager<Shop>,
    token: Token,
}

impl Scene {
    async fn new(store: &TestStore) -> Self {
        Self::of(store, |builder| builder).await
    }

    async fn of(store: &TestStore, with: impl Fn(Builder<Shop>) -> Builder<Shop>) -> Self {
        let line = Line::default();
        let around = Around::new(store.clone(), line.clone());
        let [sessions, other] = [with(SessionManager::builder(around)), with(SessionManager::builder(store.clone()))]
            .map(|builder| builder.build().unwrap());
        let session = other.start();
        session.set_theme(Theme::Light).await.unwrap();
        let token = session.token().unwrap();
        let site = Site::open(&sessions, routes(&line)).await;
        let ada = site.visitor().with_cookie(token.to_string());
        Self { line, _site: site, ada, other, token }
    }

    /// Has another node do something with the session.
    fn elsewhere<F: Future<Output = Result<(), SessionError>> + Send>(
        &self,
        when: fn(&Happening) -> &Mutex<Option<Act>>,
        act: impl FnOnce(Handle) -> F + Send + 'static,
    ) {
        let (other, token) = (self.other.clone(), self.token);
        let act = async move { act(other.open(&token).await.unwrap().unwrap()).await.unwrap() };
        *when(&self.line.0).lock().unwrap() = Some(Box::pin(act));
    }

    /// What so many more requests answer, each of a browser of its own with the same cookie; sorted.
    async fn ask(&self, path: &str, requests: usize) -> Vec<(u16, String)> {
        self.ask_with(&self.token.to_string(), path, requests).await
    }

    async fn ask_with(&self, cookie: &str, path: &str, requests: usize) -> Vec<(u16, String)> {
        let replies = join_all((0..requests).map(async |_| self.ada.with_cookie(cookie).get(path).await)).await;
        let mut answers: Vec<_> = replies.into_iter().map(|reply| (reply.status.as_u16(), reply.text)).collect();
        answers.sort();
        answers
    }

    /// The same, once so many others are in line.
    async fn ask_after(&self, others: usize, path: &str, requests: usize) -> Vec<(u16, String)> {
        self.line.has(others).await;
        self.ask(path, requests).await
    }
}

fn after_three(happening: &Happening) -> &Mutex<Option<Act>> {
    &happening.after_three
}

fn at_conflict(happening: &Happening) -> &Mutex<Option<Act>> {
    &happening.at_conflict
}

fn counts(counts: impl IntoIterator<Item = usize>) -> Vec<(u16, String)> {
    let mut answers: Vec<_> = counts.into_iter().map(|count| (200, count.to_string())).collect();
    answers.sort();
    answers
}

fn nothing(requests: usize) -> Vec<(u16, String)> {
    vec![(200, String::new()); requests]
}

on_each_store! {
    async fn all_but_two_of_them_ask_the_store_once(store) {
        let scene = Scene::new(&store).await;
        assert_eq!(scene.ask("/count", REQUESTS).await, counts(1..=REQUESTS));
        assert_eq!(scene.line.0.loads.load(SeqCst), 2);
    }

    async fn another_nodes_update_in_between_is_kept(store) {
        let scene = Scene::new(&store).await;
        scene.elsewhere(after_three, async |session| session.update_count(|count| *count += 100).await);
        assert_eq!(scene.ask("/count", REQUESTS).await, counts([1, 2, 3, 104, 105, 106, 107, 108]));
        assert!(scene.line.has_all_happened());
    }

    /// Nothing of the ended one gets into the sessions that begin after it.
    async fn after_the_sessions_end_each_begins_anew(store) {
        let scene = Scene::new(&store).await;
        scene.elsewhere(after_three, async |session| session.destroy().await);
        assert_eq!(scene.ask("/count", REQUESTS).await, counts([1, 2, 3, 1, 1, 1, 1, 1]));
        assert!(scene.line.has_all_happened());
    }

    /// Nor is anything of it taken.
    async fn after_the_sessions_end_nothing_is_taken(store) {
        let scene = Scene::new(&store).await;
        scene.elsewhere(after_three, async |session| session.destroy().await);
        let (written, taken) =
            tokio::join!(scene.ask("/write", 3), scene.ask_after(3, "/take", REQUESTS - 3));
        assert_eq!((written, taken), (nothing(3), nothing(REQUESTS - 3)));
        assert!(scene.line.has_all_happened());
    }

    /// Nor is what a conflict has shown of it seen in the next one.
    async fn after_a_conflict_and_the_sessions_end_nothing_is_there(store) {
        let scene = Scene::new(&store).await;
        scene.elsewhere(after_three, async |session| session.set_checkout("another".into()).await);
        scene.elsewhere(at_conflict, async |session| session.destroy().await);
        let (written, taken) =
            tokio::join!(scene.ask("/write", 3), scene.ask_after(3, "/take", REQUESTS - 3));
        assert_eq!((written, taken), (nothing(3), nothing(REQUESTS - 3)));
        assert!(scene.line.has_all_happened());
    }

    /// Whoever has read a value and is told that it was taken by now does not see it again.
    async fn what_others_have_taken_is_gone(store) {
        let scene = Scene::new(&store).await;
        scene.other.open(&scene.token).await.unwrap().unwrap().set_checkout("form".into()).await.unwrap();
        let mut answers = nothing(REQUESTS - 1);
        answers.push((200, "form".to_owned()));
        assert_eq!(scene.ask("/read-and-take", REQUESTS).await, answers);
    }

    async fn after_a_sign_in_elsewhere_the_others_are_refused(store) {
        let scene = Scene::new(&store).await;
        scene.elsewhere(after_three, async |session| session.set_user(7).await);
        let answers = scene.ask("/count", REQUESTS).await;
        assert_eq!(answers[..3], counts(1..=3));
        let gone = SessionError::Gone.status().as_u16();
        assert!(answers[3..].iter().all(|(status, _)| *status == gone), "{answers:?}");
        assert!(scene.line.has_all_happened());
    }

    /// Not even a closure gets to see what was written after a sign-in with the secret from before.
    async fn nothing_is_handed_over_to_the_secret_before_a_sign_in(store) {
        let scene = Scene::new(&store).await;
        let (first, second, others) = tokio::join!(
            scene.ask("/count", 1),
            scene.ask_after(1, "/count-and-sign-in", 1),
            scene.ask_after(2, "/count", REQUESTS - 2),
        );
        assert_eq!((first, second), (counts([1]), counts([2])));
        let gone = SessionError::Gone.status().as_u16();
        assert!(others.iter().all(|(status, _)| *status == gone), "{others:?}");
        assert!(!scene.line.0.seen.lock().unwrap().contains(&2));
    }

    /// A field's end counts, whatever was handed over before it.
    async fn a_value_that_ends_before_it_is_stored_is_not_built_on(store) {
        let clock = ManualClock::new();
        let scene = Scene::of(&store, |builder| builder.clock(clock.clone())).await;
        let after = clock.clone();
        scene.line.at_fourth_write(move || after.advance(Duration::from_secs(16 * 60)));
        assert_eq!(scene.ask("/write", REQUESTS).await, nothing(REQUESTS));
        assert_eq!(scene.ask("/take", 1).await, [(200, "x".repeat(REQUESTS - 3))]);
    }

    /// A token that was damaged where it carries the key opens the session, and neither reads nor writes a value.
    async fn without_the_key_nothing_is_accepted(store) {
        let scene = Scene::of(&store, |builder| builder.encryption(Encryption::by_token())).await;
        let mut damaged = scene.token.to_string();
        damaged.replace_range(50..51, if damaged[50..].starts_with('A') { "B" } else { "A" });
        let (counted, refused) = tokio::join!(scene.ask("/count", 3), async {
            scene.line.has(3).await;
            scene.ask_with(&damaged, "/count", REQUESTS - 3).await
        });
        assert_eq!(counted, counts(1..=3));
        assert!(refused.iter().all(|(status, _)| *status == 500), "{refused:?}");
        assert_eq!(scene.ask("/count", 1).await, counts([4]));
    }
}
