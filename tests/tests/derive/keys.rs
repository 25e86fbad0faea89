//! The keys under which fields are stored.

use session_runtime::{SessionData, SessionError};

#[derive(SessionData)]
struct Plain {
    user: Option<u64>,
    #[session(rename = "basket")]
    cart: Vec<String>,
    #[session(alias = "old_theme", alias = "older theme")]
    theme: Option<u8>,
}

#[derive(SessionData)]
#[session(prefix = "shop")]
struct Prefixed {
    user: Option<u64>,
    #[session(rename = "basket")]
    cart: Vec<String>,
    #[session(alias = "theme")]
    theme: Option<u8>,
}

#[test]
fn descriptors_know_them() {
    assert_eq!((Plain::USER.key(), Plain::CART.key(), Plain::THEME.key()), ("user", "basket", "theme"));
    let keys = (Prefixed::USER.key(), Prefixed::CART.key(), Prefixed::THEME.key());
    assert_eq!(keys, ("shop.user", "shop.basket", "shop.theme"));
}

#[tokio::test]
async fn sessions_list_them_in_the_order_of_the_struct() -> Result<(), SessionError> {
    let session = super::session::<Prefixed>();
    session.set_theme(3).await?;
    session.set_cart(vec!["apple".into()]).await?;
    session.set_user(7).await?;
    assert_eq!(session.keys().await?, ["shop.user", "shop.basket", "shop.theme"]);
    Ok(())
}

/// One store, before and after the schema was changed.
mod aliases {
    use std::sync::Arc;

    use session_runtime::{MemoryStore, Session, SessionData, SessionError, SessionManager, Token};

    use super::Prefixed as After;

    #[derive(SessionData)]
    struct Before {
        theme: Option<u8>,
    }

    /// A store with a session that the old schema wrote.
    async fn written_before() -> Result<(Arc<MemoryStore>, Token), SessionError> {
        let store = Arc::new(MemoryStore::new());
        let before = SessionManager::<Before>::new(store.clone()).start();
        before.set_theme(3).await?;
        let token = before.token().expect("a session that was set has a token");
        Ok((store, token))
    }

    async fn open<T: SessionData>(store: &Arc<MemoryStore>, token: &Token) -> Result<Session<T>, SessionError> {
        let session = SessionManager::new(store.clone()).open(token).await?;
        Ok(session.expect("the session is there"))
    }

    #[tokio::test]
    async fn are_old_keys_without_the_prefix() -> Result<(), SessionError> {
        let (store, token) = written_before().await?;
        let after: Session<After> = open(&store, &token).await?;
        assert_eq!(after.theme().await?, Some(3));
        assert!(after.has_theme().await?);
        assert_eq!(after.keys().await?, ["shop.theme"]);
        Ok(())
    }

    #[tokio::test]
    async fn are_removed_by_a_write() -> Result<(), SessionError> {
        let (store, token) = written_before().await?;
        let after: Session<After> = open(&store, &token).await?;
        after.set_theme(4).await?;
        assert_eq!(after.theme().await?, Some(4));
        let before: Session<Before> = open(&store, &token).await?;
        assert_eq!(before.theme().await?, None);
        Ok(())
    }

    #[tokio::test]
    async fn are_removed_with_the_field() -> Result<(), SessionError> {
        let (store, token) = written_before().await?;
        let after: Session<After> = open(&store, &token).await?;
        after.remove_theme().await?;
        let before: Session<Before> = open(&store, &token).await?;
        assert!(!before.has_theme().await?);
        Ok(())
    }
}
