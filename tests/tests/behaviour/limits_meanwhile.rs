//! What a clone of the handle does while a sign-in with [`OnLimit::Refuse`] is under way.

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use session_runtime::{OnLimit, Session, SessionData, SessionError, SessionManager, async_trait};
use session_tests::{Around, Happens, TestStore};

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
    cart: Vec<String>,
}

type Act = BoxFuture<'static, ()>;

/// Something happens when it is looked for others for the so-manieth time.
#[derive(Clone, Default)]
struct AtLook {
    looks: Arc<AtomicUsize>,
    acts: Arc<Mutex<Vec<(usize, Act)>>>,
}

impl AtLook {
    fn happens(&self, look: usize, act: impl Future<Output = ()> + Send + 'static) {
        self.acts.lock().unwrap().push((look, Box::pin(act)));
    }
}

#[async_trait]
impl Happens for AtLook {
    async fn before_find(&self) {
        let look = self.looks.fetch_add(1, Relaxed) + 1;
        let acts: Vec<_> = self.acts.lock().unwrap().extract_if(.., |(at, _)| *at == look).collect();
        for (_, act) in acts {
            act.await;
        }
    }
}

/// A stored session with tea in its cart, which was loaded, and another node.
async fn begun(at_look: &AtLook) -> (SessionManager<Account>, Session<Account>, SessionManager<Account>) {
    let inner: TestStore = session_tests::memory().await.0;
    let other = SessionManager::new(inner.clone());
    let store = Around::new(inner, at_look.clone());
    let sessions =
        SessionManager::<Account>::builder(store).max_sessions(&Account::USER, 1, OnLimit::Refuse).build().unwrap();
    let session = sessions.start();
    session.set_cart(vec!["tea".into()]).await.unwrap();
    let session = sessions.open(&session.token().unwrap()).await.unwrap().unwrap().buffered();
    session.cart().await.unwrap();
    (sessions, session, other)
}

/// Taken back because of another node's, the first leaves the second what it needs.
#[tokio::test]
async fn a_sign_in_beside_one_that_is_taken_back_has_a_secret_of_its_own() {
    let at_look = AtLook::default();
    let (sessions, session, other) = begun(&at_look).await;
    let before = session.token().unwrap();
    at_look.happens(2, async move { other.start().set_user(7).await.unwrap() });
    let (clone, told) = (session.clone(), Arc::new(Mutex::new(None)));
    let tells = told.clone();
    at_look.happens(3, async move {
        clone.set_user(8).await.unwrap();
        *tells.lock().unwrap() = clone.token();
    });
    session.set_user(7).await.unwrap();
    let refused = session.commit().await.unwrap_err();
    assert!(matches!(refused, SessionError::LimitReached { field: "user" }), "{refused}");
    session.commit().await.unwrap();
    let told = told.lock().unwrap().take().unwrap();
    assert!(sessions.open(&before).await.unwrap().is_none());
    assert_eq!(sessions.open(&told).await.unwrap().unwrap().user().await.unwrap(), Some(8));
}

/// What was loaded is not what is stored any longer, once the commit that waits is done.
#[tokio::test]
async fn a_value_set_back_beside_a_sign_in_is_stored() {
    let at_look = AtLook::default();
    let (sessions, session, _) = begun(&at_look).await;
    let clone = session.clone();
    at_look.happens(1, async move { clone.set_cart(vec!["tea".into()]).await.unwrap() });
    session.set_cart(vec!["milk".into()]).await.unwrap();
    session.set_user(7).await.unwrap();
    session.commit().await.unwrap();
    session.commit().await.unwrap();
    let stored = sessions.open(&session.token().unwrap()).await.unwrap().unwrap();
    assert_eq!(stored.cart().await.unwrap(), ["tea"]);
}
