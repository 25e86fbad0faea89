//! What a clone of the handle does while a commit is under way.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use session_runtime::record::{ChangeSet, Outcome};
use session_runtime::testing::Operation;
use session_runtime::{CsrfToken, StoreError, async_trait};
use session_tests::{Around, Happens, TestStore};

use super::*;

/// It happens before the next change of a field is answered.
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<BoxFuture<'static, ()>>>>);

/// What a handle tells: its token, and that of its forms.
type Told = Arc<Mutex<Option<(Token, CsrfToken)>>>;

impl Meanwhile {
    fn around(store: TestStore) -> (Self, SessionManager<Shop>) {
        let meanwhile = Self::default();
        let sessions = SessionManager::new(Around::new(store, meanwhile.clone()));
        (meanwhile, sessions)
    }

    fn signs_in(&self, session: &Handle, user: u64) -> Told {
        let (session, notes) = (session.clone(), Told::default());
        let (tells, act) = (notes.clone(), async move {
            session.set_user(user).await.unwrap();
            let form = session.csrf_token().await.unwrap().unwrap();
            *notes.lock().unwrap() = Some((session.token().unwrap(), form));
        });
        *self.0.lock().unwrap() = Some(Box::pin(act));
        tells
    }
}

#[async_trait]
impl Happens for Meanwhile {
    async fn after_commit(
        &self,
        changes: &ChangeSet,
        answer: Result<Outcome, StoreError>,
    ) -> Result<Outcome, StoreError> {
        let act = self.0.lock().unwrap().take_if(|_| !changes.set.is_empty());
        if let Some(act) = act {
            act.await;
        }
        answer
    }
}

/// The second while the first is stored: what is told of it at once holds when both are.
async fn signs_in_twice(session: Handle, meanwhile: &Meanwhile, sessions: &SessionManager<Shop>) {
    session.set_user(7).await.unwrap();
    let first = session.token().unwrap();
    let tells = meanwhile.signs_in(&session, 8);
    session.commit().await.unwrap();
    session.commit().await.unwrap();
    let (second, form) = tells.lock().unwrap().take().unwrap();
    session.verify_csrf(&form.to_string()).await.unwrap();
    assert!(sessions.open(&first).await.unwrap().is_none(), "the first one's token opens what the second has");
    assert_eq!(sessions.open(&second).await.unwrap().unwrap().user().await.unwrap(), Some(8));
}

on_each_store! {
    /// A renewed secret's predecessor lives on: it must not open what was signed in after it.
    async fn a_sign_in_beside_a_renewal_replaces_the_secret(store) {
        let (clock, meanwhile) = (ManualClock::new(), Meanwhile::default());
        let store = Around::new(store, meanwhile.clone());
        let sessions = SessionManager::<Shop>::builder(store).clock(&clock).renew_after(HOUR).build().unwrap();
        let token = begin(&sessions).await;
        clock.advance(HOUR);
        let (_, cookie) = send(&sessions, Some(token), move |session| async move {
            session.count().await?;
            session.set_count(2).await?;
            meanwhile.signs_in(&session, 7);
            Ok(())
        }).await;
        let signed_in = cookie.unwrap().parse().unwrap();
        assert_eq!(sessions.open(&signed_in).await.unwrap().unwrap().user().await.unwrap(), Some(7));
        assert!(sessions.open(&token).await.unwrap().is_none(), "the token from before opens what was signed in");
    }

    async fn a_sign_in_beside_another_has_a_secret_of_its_own(store) {
        let (meanwhile, sessions) = Meanwhile::around(store);
        let session = sessions.open(&begin(&sessions).await).await.unwrap().unwrap();
        signs_in_twice(session.buffered(), &meanwhile, &sessions).await;
    }

    async fn a_sign_in_beside_the_sessions_beginning_has_a_secret_of_its_own(store) {
        let (meanwhile, sessions) = Meanwhile::around(store);
        signs_in_twice(sessions.start().buffered(), &meanwhile, &sessions).await;
    }

    /// A commit's secret is not that which is asked for beside it.
    async fn a_new_secret_that_is_asked_for_beside_a_sign_in_is_another(store) {
        let (meanwhile, sessions) = Meanwhile::around(store);
        let session = sessions.open(&begin(&sessions).await).await.unwrap().unwrap().buffered();
        session.set_user(7).await.unwrap();
        let first = session.token().unwrap();
        let clone = session.clone();
        *meanwhile.0.lock().unwrap() = Some(Box::pin(async move { clone.regenerate().await.unwrap() }));
        session.commit().await.unwrap();
        session.commit().await.unwrap();
        assert!(sessions.open(&first).await.unwrap().is_none());
        assert_eq!(sessions.open(&session.token().unwrap()).await.unwrap().unwrap().user().await.unwrap(), Some(7));
    }

    /// Set and then updated in one request, the field is one sign-in.
    async fn a_sign_in_that_is_updated_in_the_same_request_is_one(store) {
        let faulty = FaultyStore::new(store);
        let sessions = SessionManager::<Shop>::new(faulty.clone());
        let token = begin(&sessions).await;
        faulty.forget();
        let (_, cookie) = send(&sessions, Some(token), move |session| async move {
            session.set_user(7).await?;
            session.update_user(|user| *user = Some(8)).await
        }).await;
        assert_eq!(faulty.calls(), [Operation::Load, Operation::Commit]);
        let signed_in = cookie.unwrap().parse().unwrap();
        assert_eq!(sessions.open(&signed_in).await.unwrap().unwrap().user().await.unwrap(), Some(8));
    }
}
