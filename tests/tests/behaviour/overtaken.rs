//! Changes whose answer is lost, and which others have built on before they are asked again: they are not made a second time.

use std::pin::Pin;
use std::sync::Mutex;

use session_runtime::record::{ChangeSet, Outcome, REMEMBERED_WRITES};
use session_runtime::{Session, SessionError, SessionManager, StoreError, Token, async_trait};
use session_tests::{Around, Happens, Shop, TestStore, on_each_store};

type Meanwhile = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The first commit that writes a field is applied, and its answer is lost; others are faster than whoever asks again.
struct Overtakes(Mutex<Option<Meanwhile>>);

#[async_trait]
impl Happens for Overtakes {
    async fn after_commit(
        &self,
        changes: &ChangeSet,
        answer: Result<Outcome, StoreError>,
    ) -> Result<Outcome, StoreError> {
        let meanwhile = if changes.set.is_empty() { None } else { self.0.lock().unwrap().take() };
        let Some(meanwhile) = meanwhile else { return answer };
        meanwhile.await;
        Err(StoreError::new("Overtaken", "answer", "the answer was lost").with_outcome_unknown())
    }
}

/// A session with the count 1, whose handle's next change is overtaken by so many of another node's that add 100 each.
async fn overtaken(store: &TestStore, times: usize) -> (Session<Shop>, Token) {
    let other = SessionManager::<Shop>::new(store.clone());
    let session = other.start();
    session.set_count(1).await.unwrap();
    let token = session.token().unwrap();
    let meanwhile = async move {
        let session = other.open(&token).await.unwrap().unwrap();
        for _ in 0..times {
            session.update_count(|count| *count += 100).await.unwrap();
        }
    };
    let store = Around::new(store.clone(), Overtakes(Mutex::new(Some(Box::pin(meanwhile)))));
    (SessionManager::<Shop>::new(store).open(&token).await.unwrap().unwrap(), token)
}

async fn count(store: &TestStore, token: Token) -> u64 {
    SessionManager::<Shop>::new(store.clone()).open(&token).await.unwrap().unwrap().count().await.unwrap()
}

on_each_store! {
    async fn an_overtaken_update_is_made_once(store) {
        let (session, token) = overtaken(&store, 1).await;
        session.update_count(|count| *count += 1).await.unwrap();
        assert_eq!(count(&store, token).await, 102);
        session.update_count(|count| *count += 1000).await.unwrap();
        assert_eq!(count(&store, token).await, 1102, "the handle learns what is there");
    }

    async fn an_overtaken_set_undoes_nothing(store) {
        let (session, token) = overtaken(&store, REMEMBERED_WRITES).await;
        session.set_count(10).await.unwrap();
        assert_eq!(count(&store, token).await, 10 + 100 * REMEMBERED_WRITES as u64);
    }

    async fn an_overtaken_removal_undoes_nothing(store) {
        let (session, token) = overtaken(&store, 1).await;
        session.remove_count().await.unwrap();
        assert_eq!(count(&store, token).await, 100);
    }

    async fn what_is_taken_while_the_answer_is_lost_is_taken_once(store) {
        let (session, token) = overtaken(&store, 1).await;
        assert_eq!(session.take_count().await.unwrap(), Some(1));
        assert_eq!(count(&store, token).await, 100);
    }

    /// So far behind that the store does not remember: it is told that the outcome is unknown.
    async fn an_update_that_is_forgotten_is_not_made_twice(store) {
        let (session, token) = overtaken(&store, REMEMBERED_WRITES + 1).await;
        let updated = session.update_count(|count| *count += 1).await;
        assert!(matches!(&updated, Err(SessionError::Store(error)) if error.is_outcome_unknown()), "{updated:?}");
        assert_eq!(count(&store, token).await, 2 + 100 * (REMEMBERED_WRITES as u64 + 1));
    }
}
