//! Who may call accessors. What must not compile is in the UI tests.

mod shop {
    use session_runtime::SessionData;

    /// Accessors are for whoever sees the struct, unless the field says otherwise.
    #[derive(SessionData)]
    pub(crate) struct Shop {
        user: Option<u64>,
        pub(super) cart: Vec<String>,
        pub(in crate::visibility) count: u8,
        pub theme: Option<u8>,
        pub(self) hidden: Option<u8>,
    }

    /// For this module only, and those in it.
    #[derive(SessionData)]
    struct Hidden {
        user: Option<u64>,
    }

    impl Shop {
        pub(super) async fn hide(session: &session_runtime::Session<Self>) -> session_runtime::Result<Option<u8>> {
            session.set_hidden(3).await?;
            session.hidden().await
        }
    }

    mod inner {
        #[tokio::test]
        async fn sees_what_the_outer_module_sees() -> session_runtime::Result<()> {
            crate::session::<super::Hidden>().set_user(3).await
        }
    }
}

#[tokio::test]
async fn a_field_without_visibility_has_the_struct_s() -> session_runtime::Result<()> {
    let session = super::session::<shop::Shop>();
    session.set_user(7).await?;
    assert_eq!(shop::Shop::USER.key(), "user");
    Ok(())
}

#[tokio::test]
async fn a_field_s_own_visibility_wins() -> session_runtime::Result<()> {
    let session = super::session::<shop::Shop>();
    session.set_cart(vec![]).await?;
    session.set_count(3).await?;
    session.set_theme(3).await?;
    assert_eq!(shop::Shop::hide(&session).await?, Some(3));
    assert_eq!(session.keys().await?, ["cart", "count", "theme", "hidden"]);
    Ok(())
}
