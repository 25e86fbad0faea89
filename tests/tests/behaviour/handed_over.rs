//! A session that gets another holder between the look at it and its end.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use futures_util::future::BoxFuture;
use session_runtime::record::{ChangeSet, Ending, Expired, Guard, Outcome, Record, Select};
use session_runtime::{Session, SessionData, SessionId, SessionManager, Store, StoreError, async_trait};
use session_tests::{TestStore, on_each_store};

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
}

type Act = BoxFuture<'static, ()>;

/// A store on which something happens before a session is destroyed, each the next time.
#[derive(Clone)]
struct Interrupted {
    inner: TestStore,
    acts: Arc<Mutex<Vec<Act>>>,
}

impl Interrupted {
    fn new(inner: TestStore, acts: impl IntoIterator<Item = Act>) -> Self {
        Self { inner, acts: Arc::new(Mutex::new(acts.into_iter().collect())) }
    }

    fn next(&self) -> Option<Act> {
        self.acts.lock().unwrap().pop()
    }
}

#[async_trait]
impl Store for Interrupted {
    async fn load(
        &self,
        id: SessionId,
        select: &[Select],
        now: Option<SystemTime>,
    ) -> Result<Option<Record>, StoreError> {
        self.inner.load(id, select, now).await
    }

    async fn commit(&self, id: SessionId, changes: &ChangeSet, now: Option<SystemTime>) -> Result<Outcome, StoreError> {
        self.inner.commit(id, changes, now).await
    }

    async fn destroy(&self, id: SessionId, guard: Guard, now: Option<SystemTime>) -> Result<Ending, StoreError> {
        if let Some(act) = self.next() {
            act.await;
        }
        self.inner.destroy(id, guard, now).await
    }

    async fn find(&self, index: &str, value: &str, now: Option<SystemTime>) -> Result<Vec<SessionId>, StoreError> {
        self.inner.find(index, value, now).await
    }

    async fn sweep(&self, limit: usize, now: Option<SystemTime>) -> Result<Vec<Expired>, StoreError> {
        self.inner.sweep(limit, now).await
    }
}

async fn signed_in(sessions: &SessionManager<Account>, user: u64) -> Session<Account> {
    let session = sessions.start();
    session.set_user(user).await.unwrap();
    session
}

/// Whoever has the session now.
async fn holder(sessions: &SessionManager<Account>, session: &Session<Account>) -> Option<u64> {
    sessions.open(&session.token()?).await.unwrap()?.user().await.unwrap()
}

/// Somebody else signs in, at the same browser.
fn signs_in(session: &Session<Account>, user: u64) -> Act {
    let session = session.clone();
    Box::pin(async move { session.set_user(user).await.unwrap() })
}

fn gets_a_new_secret(session: &Session<Account>) -> Act {
    let session = session.clone();
    Box::pin(async move { session.regenerate().await.unwrap() })
}

on_each_store! {
    async fn a_session_that_became_somebody_elses_is_not_ended_as_ones_own(store) {
        let sessions = SessionManager::<Account>::new(store.clone());
        let shared = signed_in(&sessions, 7).await;
        let interrupted = SessionManager::<Account>::new(Interrupted::new(store, [signs_in(&shared, 8)]));
        let id = shared.id().unwrap();
        assert!(!interrupted.revoke_one(&Account::USER, &7, id).await.unwrap(), "it is nobody else's business");
        assert_eq!(holder(&sessions, &shared).await, Some(8));
        assert!(interrupted.revoke_one(&Account::USER, &8, id).await.unwrap());
    }

    async fn a_session_that_became_somebody_elses_is_not_ended_with_all_of_another(store) {
        let sessions = SessionManager::<Account>::new(store.clone());
        let shared = signed_in(&sessions, 7).await;
        let interrupted = SessionManager::<Account>::new(Interrupted::new(store, [signs_in(&shared, 8)]));
        assert_eq!(interrupted.revoke_all(&Account::USER, &7).await.unwrap(), 0);
        assert_eq!(holder(&sessions, &shared).await, Some(8));
    }

    async fn a_session_that_only_got_a_new_secret_is_ended(store) {
        let sessions = SessionManager::<Account>::new(store.clone());
        let fleeing = signed_in(&sessions, 7).await;
        let acts = [gets_a_new_secret(&fleeing), gets_a_new_secret(&fleeing)];
        let interrupted = SessionManager::<Account>::new(Interrupted::new(store, acts));
        assert_eq!(interrupted.revoke_all(&Account::USER, &7).await.unwrap(), 1);
        assert_eq!(holder(&sessions, &fleeing).await, None);
    }
}
