//! Fields with attributes of other people: `#[cfg]`, `#[deprecated]`, lints.

use session_runtime::{SessionData, SessionError};

#[derive(SessionData)]
#[expect(non_snake_case)]
struct Shop {
    #[cfg(any())]
    gone: NoSuchType,
    #[cfg(test)]
    cart: Vec<String>,
    #[deprecated = "use `cart`"]
    basket: Option<String>,
    #[cfg_attr(test, session(rename = "conditional"))]
    by_condition: Option<u8>,
    Shouted: Option<u8>,
}

#[tokio::test]
async fn fields_that_are_compiled_out_are_not_there() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    session.set_cart(vec!["apple".into()]).await?;
    session.set_by_condition(3).await?;
    session.set_Shouted(4).await?;
    assert_eq!(session.keys().await?, ["cart", "conditional", "Shouted"]);
    Ok(())
}

#[tokio::test]
async fn accessors_of_a_deprecated_field_are_deprecated() -> Result<(), SessionError> {
    let session = super::session::<Shop>();
    #[expect(deprecated)]
    session.set_basket("a".into()).await?;
    #[expect(deprecated)]
    let basket = session.basket().await?;
    #[expect(deprecated)]
    let key = Shop::BASKET.key();
    assert_eq!((basket.as_deref(), key), (Some("a"), "basket"));
    Ok(())
}
