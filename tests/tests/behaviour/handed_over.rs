//! A session that gets another holder between the look at it and its end.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use session_runtime::{Session, SessionData, SessionManager, async_trait};
use session_tests::{Around, Happens, TestStore, on_each_store};

#[derive(SessionData)]
struct Account {
    #[session(index, rotate)]
    user: Option<u64>,
}

type Act = BoxFuture<'static, ()>;

/// Something happens before a session is destroyed, each the next time.
struct Interrupts(Mutex<Vec<Act>>);

#[async_trait]
impl Happens for Interrupts {
    async fn before_destroy(&self) {
        let next = self.0.lock().unwrap().pop();
        if let Some(act) = next {
            act.await;
        }
    }
}

fn interrupted(store: TestStore, acts: impl IntoIterator<Item = Act>) -> SessionManager<Account> {
    SessionManager::new(Around::new(store, Interrupts(Mutex::new(acts.into_iter().collect()))))
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
        let interrupted = interrupted(store, [signs_in(&shared, 8)]);
        let id = shared.id().unwrap();
        assert!(!interrupted.revoke_one(&Account::USER, &7, id).await.unwrap(), "it is nobody else's business");
        assert_eq!(holder(&sessions, &shared).await, Some(8));
        assert!(interrupted.revoke_one(&Account::USER, &8, id).await.unwrap());
    }

    async fn a_session_that_became_somebody_elses_is_not_ended_with_all_of_another(store) {
        let sessions = SessionManager::<Account>::new(store.clone());
        let shared = signed_in(&sessions, 7).await;
        let interrupted = interrupted(store, [signs_in(&shared, 8)]);
        assert_eq!(interrupted.revoke_all(&Account::USER, &7).await.unwrap(), 0);
        assert_eq!(holder(&sessions, &shared).await, Some(8));
    }

    async fn a_session_that_only_got_a_new_secret_is_ended(store) {
        let sessions = SessionManager::<Account>::new(store.clone());
        let fleeing = signed_in(&sessions, 7).await;
        let acts = [gets_a_new_secret(&fleeing), gets_a_new_secret(&fleeing)];
        let interrupted = interrupted(store, acts);
        assert_eq!(interrupted.revoke_all(&Account::USER, &7).await.unwrap(), 1);
        assert_eq!(holder(&sessions, &fleeing).await, None);
    }
}
