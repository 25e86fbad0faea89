//! What a clone of the handle does while a commit is under way.

use std::sync::Mutex;

use futures_util::future::BoxFuture;
use session_runtime::record::{ChangeSet, Outcome};
use session_runtime::{StoreError, async_trait};
use session_tests::{Around, Happens};

use super::*;

/// It happens before the next change of a field is answered.
#[derive(Clone, Default)]
struct Meanwhile(Arc<Mutex<Option<BoxFuture<'static, ()>>>>);

impl Meanwhile {
    fn signs_in(&self, session: &Handle, user: u64) {
        let session = session.clone();
        let act = async move { session.set_user(user).await.unwrap() };
        *self.0.lock().unwrap() = Some(Box::pin(act));
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
        let meanwhile = Meanwhile::default();
        let sessions = SessionManager::<Shop>::new(Around::new(store, meanwhile.clone()));
        let session = sessions.open(&begin(&sessions).await).await.unwrap().unwrap().buffered();
        session.set_user(7).await.unwrap();
        let first = session.token().unwrap();
        meanwhile.signs_in(&session, 8);
        session.commit().await.unwrap();
        session.commit().await.unwrap();
        let second = session.token().unwrap();
        assert!(sessions.open(&first).await.unwrap().is_none(), "the first one's token opens what the second has");
        assert_eq!(sessions.open(&second).await.unwrap().unwrap().user().await.unwrap(), Some(8));
    }
}
