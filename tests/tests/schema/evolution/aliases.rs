use super::*;

#[derive(Debug, SessionData)]
struct Before {
    basket: Option<OldLine>,
}

#[derive(Debug, SessionData)]
struct After {
    #[session(alias = "basket", migrate(OldLine => counted))]
    cart: Option<Line>,
}

#[tokio::test]
async fn an_old_value_under_an_old_key_is_migrated() {
    let stored =
        written(async |session: Session<Before>| session.set_basket(OldLine { sku: "tea".into() }).await).await;
    let session = stored.open::<After>().await;
    assert_eq!(session.cart().await.unwrap(), Some(line("tea", 1)));
    assert!(stored.bytes("basket").await.is_some() && stored.bytes("cart").await.is_none());
    session.update_cart(|cart| cart.as_mut().unwrap().count += 1).await.unwrap();
    assert_eq!(stored.bytes("basket").await, None, "a write takes the alias away");
    assert_eq!(stored.open::<After>().await.cart().await.unwrap(), Some(line("tea", 2)));
}

#[tokio::test]
async fn a_value_under_an_old_key_that_does_not_fit_is_refused() {
    #[derive(Debug, SessionData)]
    struct Other {
        basket: Option<u8>,
    }

    let stored = written(async |session: Session<Other>| session.set_basket(7).await).await;
    let session = stored.open::<After>().await;
    assert_refused(session.cart().await);
    assert_refused(session.update_cart(|_| ()).await);
    assert_eq!(stored.open::<Other>().await.basket().await.unwrap(), Some(7));
}
